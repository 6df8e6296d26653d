// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.clients;

import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import dev.weir.testkit.FakeModelServer.Wire;
import dev.weir.trials.setup.TrialManifests;
import java.io.IOException;
import java.util.List;

/// An engine that calls a tool on every request that has one, in the format of the endpoint.
final class ToolEngine implements AutoCloseable {
  static final String MODEL = "tools";
  static final String TOOL = "river_level";
  private static final String ARGUMENTS = "{\\\"river\\\":\\\"Isar\\\"}";
  private static final String START =
      "{\"id\":\"c\",\"object\":\"%s\",\"created\":1,\"model\":\"tools\",\"choices\":[{\"index\":0,";

  private final FakeModelServer server = FakeModelServer.start();
  private volatile String lastBody = "";

  ToolEngine() {
    server.byDefault(this::answer);
  }

  String url() {
    return server.url();
  }

  /// The body of the last chat or messages request.
  String lastBody() {
    return lastBody;
  }

  static String manifest(String url) {
    return TrialManifests.externalTarget()
        + TrialManifests.externalModel(MODEL, 1)
        + TrialManifests.externalService(MODEL, MODEL + "@1", List.of(url));
  }

  private boolean answer(Received asked, Wire wire) throws IOException {
    String path = asked.target();
    boolean streamed = asked.body().contains("\"stream\":true");
    switch (path) {
      case "/v1/completions" -> completion(streamed, wire);
      case "/v1/chat/completions" -> {
        lastBody = asked.body();
        chat(streamed, wire);
      }
      case "/v1/messages" -> {
        lastBody = asked.body();
        wire.answer(200, "application/json", message());
      }
      case "/v1/models" ->
          wire.answer(
              200, "application/json", "{\"object\":\"list\",\"data\":[{\"id\":\"tools\"}]}");
      default -> wire.answer(200, "text/plain", "");
    }
    return true;
  }

  /// The gateway sends a warm-up completion before traffic.
  private static void completion(boolean streamed, Wire wire) throws IOException {
    String answer =
        START.formatted("text_completion") + "\"text\":\" weir\",\"finish_reason\":\"stop\"}]}";
    if (streamed) {
      wire.beginEvents();
      wire.chunk("data: " + answer + "\n\ndata: [DONE]\n\n");
      wire.endChunks();
    } else {
      wire.answer(200, "application/json", answer);
    }
  }

  private static void chat(boolean streamed, Wire wire) throws IOException {
    if (!streamed) {
      wire.answer(
          200,
          "application/json",
          START.formatted("chat.completion")
              + "\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
              + call(ARGUMENTS)
              + "]},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":5,"
              + "\"completion_tokens\":5,\"total_tokens\":10}}");
      return;
    }
    String head = "data: " + START.formatted("chat.completion.chunk") + "\"delta\":";
    wire.beginEvents();
    wire.chunk(
        head
            + "{\"role\":\"assistant\",\"tool_calls\":["
            + call("")
            + "]},\"finish_reason\":null}]}\n\n");
    for (String piece : ARGUMENTS.split("(?<=:)", -1)) {
      wire.chunk(
          head
              + "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\""
              + piece
              + "\"}}]},\"finish_reason\":null}]}\n\n");
    }
    wire.chunk(head + "{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n");
    wire.endChunks();
  }

  private static String call(String arguments) {
    return "{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"river_level\","
        + "\"arguments\":\""
        + arguments
        + "\"}}";
  }

  private static String message() {
    return """
    {"id":"msg_1","type":"message","role":"assistant","model":"tools","content":[{"type":"tool_use",\
    "id":"toolu_1","name":"river_level","input":{"river":"Isar"}}],"stop_reason":"tool_use",\
    "stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":5}}\
    """;
  }

  @Override
  public void close() {
    server.close();
  }
}
