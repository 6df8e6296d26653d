// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A streamed answer that the trial reads event by event.
public final class OpenStream implements AutoCloseable {
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpResponse<InputStream> answer;
  private final BufferedReader lines;
  private final StringBuilder text = new StringBuilder();
  private final List<JsonNode> events = new ArrayList<>();
  private int pieces;
  private boolean done;
  private String finish = "";
  private String error = "";
  private JsonNode usage = JsonMapper.shared().createObjectNode();

  public OpenStream(String url, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::header);
    answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  /// Reads until the stream has that many pieces of text in total, or ends.
  public OpenStream read(int atLeast) throws IOException {
    String line = "";
    while (pieces < atLeast && !done && line != null) {
      line = lines.readLine();
      if (line != null && line.startsWith("data:")) {
        event(line.substring("data:".length()).strip());
      }
    }
    return this;
  }

  public OpenStream readAll() throws IOException {
    return read(Integer.MAX_VALUE);
  }

  private void event(String data) {
    if (data.equals("[DONE]")) {
      done = true;
      return;
    }
    JsonNode event = JsonMapper.shared().readTree(data);
    events.add(event);
    JsonNode choice = event.path("choices").path(0);
    String piece =
        choice.path("text").asString("") + choice.path("delta").path("content").asString("");
    if (!piece.isEmpty()) {
      text.append(piece);
      pieces++;
    }
    finish = choice.path("finish_reason").asString(finish);
    usage = event.has("usage") && event.get("usage").isObject() ? event.get("usage") : usage;
    error = event.has("error") ? event.get("error").toString() : error;
  }

  public int status() {
    return answer.statusCode();
  }

  public String replica() {
    return answer.headers().firstValue("x-weir-replica").orElse("");
  }

  public String requestId() {
    return answer.headers().firstValue("x-request-id").orElse("");
  }

  public String text() {
    return text.toString();
  }

  /// All events without the end marker.
  public List<JsonNode> events() {
    return List.copyOf(events);
  }

  public int pieces() {
    return pieces;
  }

  public boolean done() {
    return done;
  }

  public String finish() {
    return finish;
  }

  /// The error event; empty when there was none.
  public String error() {
    return error;
  }

  public JsonNode usage() {
    return usage;
  }

  /// Disconnects.
  @Override
  public void close() {
    http.shutdownNow();
  }
}
