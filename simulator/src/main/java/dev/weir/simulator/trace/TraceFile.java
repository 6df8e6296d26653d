// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads recorded traces: Azure's CSV (`TIMESTAMP,ContextTokens,GeneratedTokens`) and Mooncake's
/// JSON lines (`{"timestamp": ms, "input_length", "output_length"}`), distinguished by the first
/// character.
final class TraceFile {
  /// Maximum number of requests in a file; both public traces are far below.
  private static final int ROWS_MAX = 2_000_000;

  private static final String CSV_HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";

  private TraceFile() {}

  /// All requests in order of time, the first at 0.
  ///
  /// @throws IllegalArgumentException naming the file and the invalid line
  static List<Arrival> read(Path file) {
    List<Arrival> arrivals = new ArrayList<>();
    try (var lines = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank() && !(number == 1 && line.strip().equals(CSV_HEADER))) {
          arrivals.add(parse(line, file, number));
        }
        if (arrivals.size() > ROWS_MAX) {
          throw new IllegalArgumentException(file + " has more than " + ROWS_MAX + " requests");
        }
      }
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "cannot read trace " + file + ": " + unreadable.getMessage(), unreadable);
    }
    if (arrivals.isEmpty()) {
      throw new IllegalArgumentException("trace " + file + " has no requests");
    }
    return fromZero(arrivals);
  }

  private static Arrival parse(String line, Path file, int number) {
    try {
      return line.startsWith("{") ? json(line) : csv(line);
    } catch (DateTimeParseException | NumberFormatException | JacksonException malformed) {
      throw new IllegalArgumentException(
          file + ":" + number + " is not a request: " + malformed.getMessage(), malformed);
    }
  }

  private static Arrival csv(String line) {
    String[] cells = line.strip().split(",", -1);
    if (cells.length != 3) {
      throw new NumberFormatException("needs 3 columns (" + CSV_HEADER + "), has " + cells.length);
    }
    LocalDateTime at = LocalDateTime.parse(cells[0].replace(' ', 'T'));
    long nanos = ChronoUnit.NANOS.between(Instant.EPOCH, at.toInstant(ZoneOffset.UTC));
    return arrival(nanos, Integer.parseInt(cells[1]), Integer.parseInt(cells[2]));
  }

  private static Arrival json(String line) {
    JsonNode row = JsonMapper.shared().readTree(line);
    return arrival(
        number(row, "timestamp") * 1_000_000,
        (int) number(row, "input_length"),
        (int) number(row, "output_length"));
  }

  private static Arrival arrival(long nanos, int input, int output) {
    return new Arrival(nanos, Math.max(1, input), Math.max(1, output));
  }

  private static long number(JsonNode row, String name) {
    JsonNode value = row.get(name);
    if (value == null || !value.isNumber()) {
      throw new NumberFormatException("'" + name + "' is missing or not a number");
    }
    return value.longValue();
  }

  private static List<Arrival> fromZero(List<Arrival> arrivals) {
    arrivals.sort((a, b) -> Long.compare(a.atNanos(), b.atNanos()));
    long first = arrivals.getFirst().atNanos();
    return arrivals.stream()
        .map(each -> new Arrival(each.atNanos() - first, each.inputTokens(), each.outputTokens()))
        .toList();
  }
}
