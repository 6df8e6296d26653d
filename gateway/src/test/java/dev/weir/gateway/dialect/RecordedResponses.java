// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/// Recorded answers of engines; the files name their sources.
public final class RecordedResponses {
  private RecordedResponses() {}

  public record Refusal(String engine, String body) {
    @Override
    public String toString() {
      return engine;
    }
  }

  /// Answers with status 400.
  public static Stream<Refusal> contextTooLong() throws IOException {
    try (InputStream in = RecordedResponses.class.getResourceAsStream("context-too-long.txt")) {
      if (in == null) {
        throw new IllegalStateException("context-too-long.txt is missing beside this class");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line ->
              new Refusal(
                  line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1)));
    }
  }
}
