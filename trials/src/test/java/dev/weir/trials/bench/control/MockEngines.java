// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.control;

import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import dev.weir.testkit.FakeModelServer.Wire;
import dev.weir.trials.setup.TrialManifests;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Any number of idle engines behind one loopback port: each has a path of its own.
final class MockEngines implements AutoCloseable {
  private static final String COMPLETION =
      "{\"id\":\"c\",\"object\":\"text_completion\",\"created\":1,\"model\":\"m\",\"choices\":["
          + "{\"index\":0,\"text\":\" weir\",\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1,\"total_tokens\":6}}";
  private static final String METRICS =
      """
      vllm:num_requests_running{model_name="m"} 0
      vllm:num_requests_waiting{model_name="m"} 0
      vllm:kv_cache_usage_perc{model_name="m"} 0
      """;
  private final FakeModelServer server = FakeModelServer.start();

  MockEngines() {
    server.byDefault(MockEngines::answer);
  }

  /// The resources that all Services share.
  static String sharedManifest() {
    return TrialManifests.externalTarget() + TrialManifests.externalModel("m", 1);
  }

  /// Services with an engine for each replica.
  ///
  /// @param first number of the first Service
  /// @param count of the Services
  String services(int first, int count, int replicas) {
    return IntStream.range(first, first + count)
        .mapToObj(number -> service(number, replicas))
        .collect(Collectors.joining());
  }

  /// How many requests came since the last call. Call it often: the server keeps each until then.
  long takeRequests() {
    return server.drainReceived().size();
  }

  private String service(int number, int replicas) {
    List<String> endpoints = new ArrayList<>();
    for (int replica = 0; replica < replicas; replica++) {
      endpoints.add("%s/s%d/r%d".formatted(server.url(), number, replica));
    }
    return TrialManifests.externalService("bench-" + number, "m@1", endpoints);
  }

  private static boolean answer(Received request, Wire wire) throws IOException {
    String path = request.target();
    if (path.endsWith("/v1/completions")) {
      complete(request.body().contains("\"stream\":true"), wire);
    } else if (path.endsWith("/metrics")) {
      wire.answer(200, "text/plain", METRICS);
    } else if (path.endsWith("/version")) {
      wire.answer(200, "application/json", "{\"version\":\"0.10.0\"}");
    } else if (path.endsWith("/v1/models")) {
      wire.answer(200, "application/json", "{\"object\":\"list\",\"data\":[{\"id\":\"m\"}]}");
    } else if (path.endsWith("/health")) {
      wire.answer(200, "text/plain", "");
    } else {
      wire.answer(404, "application/json", "{\"detail\":\"Not Found\"}");
    }
    return true;
  }

  private static void complete(boolean streamed, Wire wire) throws IOException {
    if (streamed) {
      wire.beginEvents();
      wire.chunk("data: " + COMPLETION + "\n\ndata: [DONE]\n\n");
      wire.endChunks();
    } else {
      wire.answer(200, "application/json", COMPLETION);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
