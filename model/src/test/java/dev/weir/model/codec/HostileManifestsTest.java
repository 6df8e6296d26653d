// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Model;
import dev.weir.model.tree.ParseLimits;
import dev.weir.model.value.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Text that was made to hurt: each limit from both of its sides, and the forms on which readers of
/// YAML and JSON disagree.
class HostileManifestsTest {
  private static final String HEAD =
      "apiVersion: weir.dev/v1\nkind: Model\nmetadata: {name: a}\nspec:\n  owner: ";

  private static List<String> problems(String text) {
    return Manifests.read(text).problems().stream().map(Problem::toString).toList();
  }

  private static String owner(String text) {
    ParsedManifests parsed = Manifests.read(text);
    assertThat(parsed.problems()).isEmpty();
    return ((Model) parsed.resources().getFirst()).spec().owner();
  }

  /// The depth counts from the document's root; what is refused for its depth is not also
  /// complained about level by level.
  @Test
  void depth_is_bounded_to_the_level() {
    for (String[] form : List.of(new String[] {"[", "]"}, new String[] {"{\"a\":", "}"})) {
      String fits =
          form[0].repeat(ParseLimits.MAX_DEPTH) + "1" + form[1].repeat(ParseLimits.MAX_DEPTH);
      assertThat(problems(fits).toString()).doesNotContain("nested deeper");
      assertThat(problems(form[0] + fits + form[1])).hasSize(1);
      assertThat(problems(form[0] + fits + form[1]).toString()).contains("nested");
    }
    String block = "";
    for (int i = 0; i < ParseLimits.MAX_DEPTH + 2; i++) {
      block += " ".repeat(i) + "a:\n";
    }
    assertThat(problems(block).toString()).contains("nested deeper than 50 levels");
    assertThat(problems("- ".repeat(100_000) + "a").toString()).contains("nested deeper");
    assertThat(problems("? ".repeat(50_000) + "a").toString()).contains("nested deeper");
  }

  /// Fifty aliases of fifty levels would be 2,500 deep.
  @Test
  void depth_counts_through_aliases() {
    String half = "[".repeat(26) + "x" + "]".repeat(26);
    assertThat(problems("a: &a " + half + "\nb: " + "[".repeat(26) + "*a" + "]".repeat(26)))
        .anySatisfy(p -> assertThat(p).contains("nested deeper than 50 levels"));
  }

  @Test
  void an_alias_costs_what_it_expands_to_however_often_it_stands() {
    String list = "x, ".repeat(999) + "x";
    String text = "a: &a [" + list + "]\nb: [" + "*a, ".repeat(300) + "*a]\n";
    assertThat(problems(text)).anySatisfy(p -> assertThat(p).contains("aliases expanded"));
    String keys = "a: &a {" + "k".repeat(10) + ": 1}\n? *a\n: 1\n";
    assertThat(problems(keys)).anySatisfy(p -> assertThat(p).contains("a key must be a scalar"));
  }

  @Test
  void the_number_of_keys_and_values_is_bounded() {
    StringBuilder wide = new StringBuilder("{\"kind\": \"Model\"");
    for (int i = 0; i < ParseLimits.MAX_VALUES; i++) {
      wide.append(",\"k").append(i).append("\":0");
    }
    assertThat(problems(wide + "}")).hasSize(1).first().asString().contains("200000 values");
    assertThat(problems("[" + "0,".repeat(ParseLimits.MAX_VALUES) + "0]"))
        .hasSize(1)
        .first()
        .asString()
        .contains("200000 values");
  }

  @Test
  void a_thousand_documents_are_read_and_no_more() {
    String fits = "---\n".repeat(ParseLimits.MAX_DOCUMENTS);
    assertThat(problems(fits)).isEmpty();
    assertThat(problems(fits + "---\n"))
        .containsExactly("more than 1000 documents at once: split it");
  }

  @Test
  void an_endless_key_or_text_is_told_shortly() {
    String key = "k".repeat(1_000_000);
    List<String> told = problems(HEAD + "a\n  " + key + ": 1\n? " + key + "\n: 2\n");
    assertThat(told).isNotEmpty().allSatisfy(p -> assertThat(p.length()).isLessThan(2_000));
    assertThat(problems(HEAD + "v".repeat(1_000_000)))
        .hasSize(1)
        .allSatisfy(p -> assertThat(p.length()).isLessThan(400));
    assertThat(problems(HEAD + "!" + "t".repeat(1_000_000) + " a"))
        .isNotEmpty()
        .allSatisfy(p -> assertThat(p.length()).isLessThan(2_000));
    assertThat(problems(HEAD + "*" + "t".repeat(1_000_000)))
        .isNotEmpty()
        .allSatisfy(p -> assertThat(p.length()).isLessThan(2_000));
  }

  /// Converting a number of a million digits takes the time of its square.
  @Test
  void an_endless_number_is_not_converted() {
    String digits = "9".repeat(1_000_000);
    for (String number :
        List.of(digits, "-" + digits, "1e" + digits, "0." + digits, "1E-9999999")) {
      String text =
          "{\"apiVersion\":\"weir.dev/v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"a\"},"
              + "\"spec\":{\"version\":\"a@1\",\"placements\":[{\"target\":\"t\",\"replicas\":"
              + number
              + "}]}}";
      assertThat(problems(text)).hasSize(1).allSatisfy(p -> assertThat(p.length()).isLessThan(400));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "a b",
        "nope",
        "0b11",
        "012:30",
        "1_000",
        "yesterday",
        "null?",
        "0o8",
        "+",
        "."
      })
  void what_looks_like_another_type_only_to_old_readers_is_text(String plain) {
    assertThat(owner(HEAD + plain + "\n")).isEqualTo(plain);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NO", "no", "Off", "y e s", "1", "010", "0o17", "0x1F", "1e3", ".5", ".inf", "-.INF",
        ".NaN", "True", "1.0"
      })
  void what_readers_disagree_on_must_be_quoted(String plain) {
    if (plain.contains(" ")) {
      assertThat(owner(HEAD + plain)).isEqualTo(plain);
      return;
    }
    assertThat(problems(HEAD + plain))
        .containsExactly(
            "spec.owner = " + plain + ": must be text; write it in quotes: \"" + plain + "\"");
    assertThat(owner(HEAD + "'" + plain + "'")).isEqualTo(plain);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "!!java.lang.ProcessBuilder [[\"/bin/true\"]]",
        "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[]]]",
        "!!python/object/apply:os.system [\"true\"]",
        "!!binary aGVsbG8=",
        "!!timestamp 2026-01-01",
        "!!set {a, b}",
        "!local a",
        "! a",
        "!<tag:example.com,2026:x> a"
      })
  void no_tag_is_read(String value) {
    assertThat(problems(HEAD + value))
        .anySatisfy(p -> assertThat(p).contains("tags are not supported"));
  }

  @Test
  void merge_keys_are_refused_in_every_form() {
    for (String merge : List.of("<<: {licence: b}", "<<: [*x]", "<<: *x")) {
      assertThat(problems(HEAD + "&x a\n  " + merge + "\n"))
          .anySatisfy(p -> assertThat(p).contains("merge keys are not YAML 1.2"));
    }
    assertThat(problems(HEAD + "a\n  \"<<\": 1\n"))
        .anySatisfy(p -> assertThat(p).contains("unknown field"));
    assertThat(problems("{\"apiVersion\": \"weir.dev/v1\", \"kind\": \"Model\", \"<<\": {}}"))
        .anySatisfy(p -> assertThat(p).contains("unknown field"));
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"kind\":\"Model\",\"kind\":\"Service\"}', appears twice",
    "'{\"kind\":\"Model\",\"k\\u0069nd\":\"Service\"}', appears twice",
    "'kind: Model\n\"kind\": Service', appears twice",
    "'kind: Model\n? kind\n: Service', appears twice"
  })
  void a_key_stands_once_however_it_is_written(String text, String told) {
    assertThat(problems(text)).anySatisfy(p -> assertThat(p).contains(told));
  }

  @Test
  void a_mark_and_line_ends_of_other_systems_are_no_matter() {
    assertThat(owner("\uFEFF" + HEAD + "a\n")).isEqualTo("a");
    assertThat(owner((HEAD + "a\n").replace("\n", "\r\n"))).isEqualTo("a");
    assertThat(owner((HEAD + "a\n").replace("\n", "\r"))).isEqualTo("a");
    assertThat(Manifests.read("\uFEFF{}").problems()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\ta: b",
        "a:\n\t- b",
        "a: \u0000",
        "a: \u0007",
        "\u0000",
        "a: \u001b[31m",
        "a: \ud800",
        "a: b\uFFFE",
        "%YAML 1.1\n---\na: b",
        "%YAML 9.9\n---\na: b",
        "{\"a\": \"\u0001\"}",
        "{\"a\": 01}",
        "{\"a\": +1}",
        "{\"a\": NaN}",
        "{'a': 1}",
        "{\"a\": 1,}",
        "{\"a\": 1} trailing",
        "/* comment */ {\"a\": 1}"
      })
  void what_cannot_be_a_manifest_is_refused_with_words_and_no_control_characters(String text) {
    assertThat(problems(text))
        .isNotEmpty()
        .allSatisfy(p -> assertThat(p).doesNotContainPattern("\\p{Cntrl}"));
  }

  @Test
  void overlong_and_broken_utf_8_is_refused() {
    byte[][] broken = {
      {(byte) 0xC0, (byte) 0x80},
      {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
      {(byte) 0xF8, (byte) 0x88, (byte) 0x80, (byte) 0x80, (byte) 0x80},
      {(byte) 0xE2, (byte) 0x82}
    };
    for (byte[] bytes : broken) {
      assertThat(Manifests.read(bytes, ManifestFormat.AUTO, "default").problems())
          .containsExactly(new Problem("", "", "the text must be UTF-8"));
    }
    assertThat(Manifests.read("kind: a".getBytes(UTF_8), ManifestFormat.AUTO, "default").ok())
        .isFalse();
  }
}
