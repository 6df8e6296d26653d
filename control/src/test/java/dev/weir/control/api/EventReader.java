// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads server-sent events as a client does; comments are passed over.
final class EventReader implements AutoCloseable {
  final int status;
  private final InputStream raw;
  private final BufferedReader in;

  EventReader(int status, InputStream in) {
    this.status = status;
    this.raw = in;
    this.in = new BufferedReader(new InputStreamReader(in, UTF_8));
  }

  record Event(String id, String name, JsonNode data) {
    String resourceName() {
      return data.path("metadata").path("name").asString();
    }
  }

  /// The next event; empty when the stream ended.
  Optional<Event> next() throws IOException {
    String id = "";
    String name = "";
    String data = "";
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isEmpty() && !data.isEmpty()) {
        return Optional.of(new Event(id, name, JsonMapper.shared().readTree(data)));
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() throws IOException {
    raw.close();
  }
}
