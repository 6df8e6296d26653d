// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every log call has an event and uses the fixed keys.
class LogCallsTest {
  private static final Pattern TABLE_ENTRY = Pattern.compile("(?m)^\\|([^|]*)\\|");
  private static final Pattern EVENT_SPAN = Pattern.compile("`([^`]+)`");
  private static final Set<String> KEYS = Set.of("event", "target", "error");

  private final List<LogCall> calls = LogCallScanner.mainCalls(Checkout.here());

  @Test
  void every_call_has_an_event_known_keys_and_a_constant_message() {
    Set<String> keys = LogEventsPage.keys().keySet();
    assertThat(
            calls.stream()
                .flatMap(call ->
                    call.problems(keys).stream().map(problem -> call.place() + ": " + problem)))
        .isEmpty();
    assertThat(calls).hasSizeGreaterThan(100);
  }

  @Test
  void every_key_is_used() {
    Stream<String> used = calls.stream().flatMap(call -> call.keys().stream());
    assertThat(used.toList()).containsAll(LogEventsPage.keys().keySet());
  }

  @Test
  void every_logger_is_named_LOG() {
    assertThat(LogCallScanner.otherLoggers(Checkout.here())).isEmpty();
  }

  @Test
  void the_page_names_every_event() {
    String page = LogEventsPage.text();
    assertThat(calls.stream().flatMap(call -> call.events().stream()))
        .allSatisfy(event -> assertThat(page).contains("| `" + event + "` |"));
  }

  @Test
  void the_page_on_troubleshooting_names_existing_events() {
    String page = Checkout.here().text("docs/operations/troubleshooting.md");
    List<String> named =
        TABLE_ENTRY
            .matcher(page.substring(page.indexOf("## Log events")))
            .results()
            .flatMap(row -> EVENT_SPAN.matcher(row.group(1)).results())
            .map(event -> event.group(1))
            .toList();
    assertThat(named).hasSizeGreaterThan(40);
    assertThat(calls.stream().flatMap(call -> call.events().stream()).toList()).containsAll(named);
  }

  @Test
  void a_call_that_follows_the_rules_has_no_problem() {
    LogCall call =
        only(
            """
            LOG.atWarn()
                .addKeyValue("event", slow ? "provider.slow" : "provider.busy")
                .addKeyValue("target", name(")", '"'))
                .setCause(e)
                .log("A message (in "
                    + "parts)");
            """);
    assertThat(call.problems(KEYS)).isEmpty();
    assertThat(call.level()).isEqualTo("warn");
    assertThat(call.events()).containsExactly("provider.slow", "provider.busy");
    assertThat(call.keys()).containsExactly("event", "target");
    assertThat(call.hasCause()).isTrue();
    assertThat(call.message()).isEqualTo("A message (in parts)");
  }

  @Test
  void a_call_with_text_arguments_is_a_problem() {
    assertThat(only("LOG.info(\"event=store.opened store={}\", store);").problems(KEYS))
        .containsExactly("it must start with LOG.atInfo() or another level");
  }

  @Test
  void a_message_that_is_not_constant_is_a_problem() {
    assertThat(problems(".addKeyValue(\"event\", \"store.opened\").log(\"store \" + store);"))
        .containsExactly("it must end with .log(\"constant message\")");
    assertThat(problems(".addKeyValue(\"event\", \"store.opened\").log(\"store {}\", store);"))
        .containsExactly("it must end with .log(\"constant message\")");
  }

  @Test
  void a_call_without_an_event_is_a_problem() {
    assertThat(problems(".addKeyValue(\"target\", name).log(\"Done\");"))
        .containsExactly("the first key must be event");
  }

  @Test
  void an_event_that_is_no_constant_name_is_a_problem() {
    assertThat(problems(".addKeyValue(\"event\", event).log(\"Done\");"))
        .containsExactly("an event must be a constant like noun.verb");
    assertThat(problems(".addKeyValue(\"event\", \"storeOpened\").log(\"Done\");"))
        .containsExactly("an event must be a constant like noun.verb");
  }

  @Test
  void an_unknown_key_is_a_problem() {
    assertThat(
            problems(
                ".addKeyValue(\"event\", \"store.opened\").addKeyValue(\"x\", 1).log(\"Done\");"))
        .containsExactly("key x is not in log-keys.tsv");
    assertThat(
            problems(
                ".addKeyValue(\"event\", \"store.opened\").addKeyValue(KEY, 1).log(\"Done\");"))
        .containsExactly("key ? is not in log-keys.tsv");
  }

  private static List<String> problems(String steps) {
    return only("LOG.atInfo()" + steps).problems(KEYS);
  }

  private static LogCall only(String code) {
    List<LogCall> calls = LogCallScanner.calls("Some.java", code + "\n");
    assertThat(calls).hasSize(1);
    return calls.getFirst();
  }
}
