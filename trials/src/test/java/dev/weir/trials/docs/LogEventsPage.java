// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// `docs/reference/log-events.md`.
final class LogEventsPage {
  private LogEventsPage() {}

  static String text() {
    return text(LogCallScanner.mainCalls(Checkout.here()), keys());
  }

  static String text(List<LogCall> calls, Map<String, String> keys) {
    ReferencePage page = new ReferencePage("Log events", "the log calls of the sources");
    page.paragraph(
        "Weir logs to standard error, one line for each event. The setting `logFormat` selects the"
            + " format, `logLevel` the lowest level. [Troubleshooting]"
            + "(../operations/troubleshooting.md#log-events) describes what to do.");
    page.section("Format");
    page.paragraph(
        "A JSON line is an object: `at` (RFC 3339, UTC), `level`, `logger`, the keys of the event,"
            + " and `message`. An exception adds `error` and `stack_trace`. Numbers, truth values"
            + " and lists keep their type.");
    page.code(
        "json",
        """
        {"at":"2026-01-02T03:04:05.678Z","level":"warn","logger":"dev.weir.control.observation.Fleet",\
        "event":"provider.busy","target":"gpu","calls":8,"message":"..."}
        """);
    page.paragraph(
        "A text line has the time (UTC), the level, the class, the keys and the message. Values with"
            + " spaces, quotes or line breaks are quoted and escaped. A stack trace follows on lines"
            + " of its own.");
    page.code(
        "text", "03:04:05 warn  Fleet event=provider.busy target=gpu calls=8 message=\"...\"");
    page.paragraph("Lines of libraries have no `event`.");
    page.section("Events");
    page.table(List.of("event", "level", "keys", "message"), rows(calls));
    page.section("Keys");
    page.table(
        List.of("key", "meaning"),
        keys.entrySet().stream()
            .map(key ->
                List.of(ReferencePage.code(key.getKey()), ReferencePage.sentence(key.getValue()))));
    return page.text();
  }

  /// The meaning of each key, by its name.
  static SequencedMap<String, String> keys() {
    SequencedMap<String, String> keys = new TreeMap<>();
    try (InputStream in =
        Objects.requireNonNull(LogEventsPage.class.getResourceAsStream("log-keys.tsv"))) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split("\t", 2))
          .forEach(columns -> keys.put(columns[0], columns[1]));
      return keys;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<List<String>> rows(List<LogCall> calls) {
    return calls.stream()
        .flatMap(call -> call.events().stream())
        .distinct()
        .sorted()
        .map(event ->
            row(event, calls.stream().filter(call -> call.events().contains(event)).toList()));
  }

  private static List<String> row(String event, List<LogCall> calls) {
    return List.of(
        ReferencePage.code(event),
        distinct(calls, call -> Stream.of(call.level()), ", "),
        distinct(calls, LogEventsPage::spans, ", "),
        distinct(calls, call -> Stream.of(ReferencePage.sentence(call.message())), " "));
  }

  private static Stream<String> spans(LogCall call) {
    Stream<String> error = call.hasCause() ? Stream.of("error") : Stream.of();
    return Stream.concat(call.keys().stream().skip(1), error).map(ReferencePage::code);
  }

  private static String distinct(
      List<LogCall> calls, Function<LogCall, Stream<String>> part, String separator) {
    return calls.stream().flatMap(part).distinct().collect(joining(separator));
  }
}
