// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.TokenIds;
import dev.weir.simulator.engine.Sequence;
import dev.weir.simulator.engine.SpeedFactor;
import dev.weir.simulator.fault.FaultSampler.SampledFaults;
import dev.weir.simulator.fault.SimulatedFault;
import dev.weir.simulator.metrics.EngineMetrics.Finished;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A request for embeddings. Its inputs are prefilled like prompts; each results in a unit vector
/// that depends only on (model version, input tokens).
final class EmbeddingJob {
  private static final int INPUTS_MAX = 2048;
  private static final int DIMENSIONS = 64;
  private static final int DIMENSIONS_MAX = 4096;

  /// A validated request.
  ///
  /// @param id id of the response
  /// @param inputs to embed
  /// @param dimensions dimensions of each vector
  /// @param base64 whether vectors are little-endian floats in Base64
  record Asked(String id, List<TokenIds> inputs, int dimensions, boolean base64) {
    Asked {
      inputs = List.copyOf(inputs);
    }
  }

  private final SimulatedModelServer server;
  private final Asked asked;
  private final SampledFaults fate;
  private final Responder responder;
  private final List<Sequence> sequences = new ArrayList<>();
  private int open;

  EmbeddingJob(SimulatedModelServer server, Asked asked, SampledFaults fate, Responder responder) {
    this.server = server;
    this.asked = asked;
    this.fate = fate;
    this.responder = responder;
  }

  static Asked parse(BodyReader reader, String id, ServedModel model) {
    List<TokenIds> inputs = reader.prompts("input");
    for (TokenIds input : inputs) {
      if (input.size() >= model.maxModelLen() || inputs.size() > INPUTS_MAX) {
        throw BodyReader.bad(
            "input",
            "This model's maximum context length is "
                + model.maxModelLen()
                + " tokens and "
                + INPUTS_MAX
                + " inputs. However, your request has "
                + inputs.size()
                + " inputs, one of "
                + input.size()
                + " tokens.");
      }
    }
    int dimensions = (int) reader.whole("dimensions", DIMENSIONS, 1, DIMENSIONS_MAX);
    return switch (reader.text("encoding_format", "float")) {
      case "float" -> new Asked(id, inputs, dimensions, false);
      case "base64" -> new Asked(id, inputs, dimensions, true);
      default -> throw BodyReader.bad("encoding_format", "Input should be 'float' or 'base64'");
    };
  }

  void start() {
    SpeedFactor speedFactor = server.speedFactor();
    asked
        .inputs()
        .forEach(input ->
            sequences.add(new Sequence(input.size(), 1, speedFactor, (at, last) -> embedded())));
    open = sequences.size();
    if (!sequences.stream().allMatch(server.engine()::submit)) {
      leaveEngine();
      server.leave();
      responder.error(ApiError.overloaded(503));
      return;
    }
    responder.onAbort(this::abort);
  }

  private void leaveEngine() {
    sequences.forEach(server.engine()::remove);
  }

  private void abort() {
    leaveEngine();
    server.leave();
    server.metrics().finishedEarly(Finished.ABORT);
  }

  private void embedded() {
    if (fate.stall()) {
      leaveEngine();
      return;
    }
    if (fate.cut()) {
      responder.cut(server.faults().on(SimulatedFault.CUT_WITH_RESET));
      return;
    }
    if (--open == 0) {
      leaveEngine();
      server.leave();
      server.metrics().finishedEarly(Finished.STOP);
      responder.json(200, body());
    }
  }

  private ObjectNode body() {
    ObjectNode body = SimJson.object().put("id", asked.id()).put("object", "list");
    body.put("created", System.currentTimeMillis() / 1000).put("model", server.model().name());
    ArrayNode data = body.putArray("data");
    int tokens = 0;
    for (TokenIds input : asked.inputs()) {
      ObjectNode entry = data.addObject().put("index", data.size() - 1).put("object", "embedding");
      put(entry, fate.empty() ? new float[0] : vector(input));
      tokens += input.size();
    }
    ObjectNode usage = body.putObject("usage").put("prompt_tokens", tokens);
    usage.put("total_tokens", tokens).put("completion_tokens", 0);
    return body;
  }

  private void put(ObjectNode entry, float[] vector) {
    if (asked.base64()) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(vector);
      entry.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
      return;
    }
    ArrayNode values = entry.putArray("embedding");
    for (float value : vector) {
      values.add(value);
    }
  }

  private float[] vector(TokenIds input) {
    long seed = 31L * Objects.hash(server.model().version(), fate.wrong()) + input.hashCode();
    SplittableRandom random = new SplittableRandom(seed);
    double[] raw = random.doubles(asked.dimensions(), -1, 1).toArray();
    double norm = 0;
    for (double value : raw) {
      norm += value * value;
    }
    float[] vector = new float[raw.length];
    for (int index = 0; index < raw.length; index++) {
      vector[index] = (float) (raw[index] / Math.sqrt(norm));
    }
    return vector;
  }
}
