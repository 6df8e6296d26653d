// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client of a simulated server.
final class SimClient {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final String baseUrl;

  SimClient(SimServer server) {
    this.baseUrl = server.baseUrl();
  }

  /// An answer.
  ///
  /// @param contentType empty if the answer has none
  record Reply(int status, String contentType, String body) {
    JsonNode json() {
      return JsonMapper.shared().readTree(body);
    }

    /// The data of all events except the last, which must be `[DONE]`.
    List<JsonNode> events() {
      List<JsonNode> events = new ArrayList<>();
      String[] blocks = body.split("\n\n", -1);
      for (int index = 0; index < blocks.length - 2; index++) {
        events.add(JsonMapper.shared().readTree(blocks[index].substring("data: ".length())));
      }
      if (!body.endsWith("\n\ndata: [DONE]\n\n")) {
        throw new AssertionError("no [DONE] at the end of " + body);
      }
      return events;
    }

    /// The text of all chat deltas.
    String streamedChat() {
      StringBuilder text = new StringBuilder();
      for (JsonNode event : events()) {
        text.append(event.at("/choices/0/delta/content").asString(""));
      }
      return text.toString();
    }

    String chat() {
      return json().at("/choices/0/message/content").asString("");
    }

    String completion() {
      return json().at("/choices/0/text").asString("");
    }
  }

  Reply get(String path, String... headers) throws IOException, InterruptedException {
    return send(request(path, headers).GET());
  }

  Reply post(String path, String body, String... headers) throws IOException, InterruptedException {
    return send(request(path, headers).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  Reply delete(String path) throws IOException, InterruptedException {
    return send(request(path).DELETE());
  }

  private HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(baseUrl + path))
            .header("content-type", "application/json")
            .timeout(Duration.ofSeconds(20));
    for (int index = 0; index < headers.length; index += 2) {
      builder.header(headers[index], headers[index + 1]);
    }
    return builder;
  }

  private static Reply send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Reply(
        response.statusCode(),
        response.headers().firstValue("content-type").orElse(""),
        response.body());
  }

  /// The value of the metric line that starts with `name` and contains `label`.
  double metric(String name, String label) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + "{") && line.contains(label))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + name + " with " + label));
  }
}
