// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.model.RetiredNames;
import dev.weir.model.RetiredNames.NameKind;
import dev.weir.snapshot.metric.Metric;
import dev.weir.snapshot.metric.RetiredMetrics;
import dev.weir.trials.vocabulary.Vocabulary.Finding;
import dev.weir.trials.vocabulary.Vocabulary.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Texts use the field's standard terms and plain English; names that were retired are used
/// nowhere.
class VocabularyTest {
  /// Sources, resources, scripts, examples and documentation, without reports of trials, history,
  /// and migrations of the store, which never change.
  private static final Pattern CHECKED =
      Pattern.compile(
          "[a-z]+/src/main/(?!.*/(?:retired-names\\.tsv|V[0-9]+__\\w+\\.sql)).*|weir|dev|deploy/.*|README\\.md|CONTRIBUTING\\.md|examples/.*|docs/(?!trials/).*\\.md");

  private static final Pattern SKIPPED_FOLDER = Pattern.compile("target|\\.git|test|trials");

  /// Names that cannot be a word of ordinary text.
  private static final Pattern DISTINCTIVE =
      Pattern.compile("-.*|[a-z]+[A-Z_-].*|[A-Z][a-z]+[A-Z].*");

  @Test
  void texts_have_no_retired_name_and_no_turn_that_plain_english_avoids() throws IOException {
    List<Finding> findings = findings();
    AllowedTurns allowed = AllowedTurns.parse(resource("vocabulary-allowed.tsv"));
    assertThat(allowed.forbidden(findings))
        .as(
            "write it as trials/src/test/resources/dev/weir/trials/vocabulary/vocabulary.tsv suggests")
        .isEmpty();
    assertThat(allowed.unused(findings)).as("allowed turns that no text has").isEmpty();
  }

  @Test
  void every_rule_finds_its_wrong_sample_and_not_its_right_one() throws IOException {
    for (Rule rule : Vocabulary.parse(resource("vocabulary.tsv"))) {
      Vocabulary alone = new Vocabulary(List.of(rule), Map.of());
      assertThat(alone.findings("sample.txt", rule.wrong())).as("%s", rule).isNotEmpty();
      assertThat(alone.findings("sample.txt", rule.right())).as("%s", rule).isEmpty();
    }
  }

  @Test
  void comments_and_strings_of_java_are_prose_and_identifiers_are_not() {
    String source =
        """
        /// It is told so.
        int told = 1; // nobody knows
        String text = "whoever\\" asks"; /* for
        ever */ char quote = '"'; int nobody = 2;
        String block = \"""
            nobody" here
            \""";
        int everybody;
        """;
    Vocabulary vocabulary = turns("told|nobody|whoever|everybody|ever", Map.of());
    assertThat(vocabulary.findings("Sample.java", source).stream().map(Finding::toString))
        .containsExactly(
            "Sample.java:1: `told`: write another word",
            "Sample.java:2: `nobody`: write another word",
            "Sample.java:3: `whoever`: write another word",
            "Sample.java:4: `ever`: write another word",
            "Sample.java:6: `nobody`: write another word");
  }

  @Test
  void code_in_documentation_has_names_but_no_prose() {
    String page = "Use `told`.\n```\nnobody, oldName, myoldName\n```\nnobody\n";
    Vocabulary vocabulary = turns("told|nobody", Map.of("oldName", "newName"));
    assertThat(vocabulary.findings("page.md", page).stream().map(Finding::toString))
        .containsExactly(
            "page.md:3: `oldName`: write newName", "page.md:5: `nobody`: write another word");
  }

  private static Vocabulary turns(String pattern, Map<String, String> retired) {
    Rule rule = new Rule(Pattern.compile(pattern), "another word", "", "");
    return new Vocabulary(List.of(rule), retired);
  }

  @Test
  void an_allowed_turn_needs_a_reason_and_a_use() {
    Finding finding = new Finding("docs/a.md", 1, "Told", "described");
    AllowedTurns allowed = AllowedTurns.parse("a.md\ttold\ta field\nb.md\ttold\tnot used\n");
    assertThat(allowed.forbidden(List.of(finding))).isEmpty();
    assertThat(allowed.unused(List.of(finding)))
        .singleElement()
        .extracting(AllowedTurns.Entry::file)
        .isEqualTo("b.md");
    assertThatIllegalArgumentException().isThrownBy(() -> AllowedTurns.parse("a.md\ttold\t"));
  }

  @Test
  void the_list_of_retired_names_has_the_retired_metrics_and_labels() {
    assertThat(rows(NameKind.METRIC))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Metric.values())
                .flatMap(metric ->
                    RetiredMetrics.nameOf(metric).stream()
                        .map(old -> old + " -> " + metric.exposedName()))
                .toList());
    assertThat(rows(NameKind.LABEL))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Metric.values())
                .flatMap(metric ->
                    RetiredMetrics.labelsOf(metric).entrySet().stream()
                        .map(label ->
                            "%s.%s -> %s"
                                .formatted(metric.exposedName(), label.getValue(), label.getKey())))
                .toList());
  }

  private static List<String> rows(NameKind kind) {
    return RetiredNames.current().ofKind(kind).stream()
        .map(name ->
            (name.owner().isEmpty() ? "" : name.owner() + ".")
                + name.name()
                + " -> "
                + name.successor().orElse(""))
        .toList();
  }

  private static List<Finding> findings() throws IOException {
    Vocabulary vocabulary = vocabulary();
    Path root = root();
    List<Finding> findings = new ArrayList<>();
    for (Path file : files(root)) {
      String name = root.relativize(file).toString();
      findings.addAll(vocabulary.findings(name, Files.readString(file)));
    }
    return findings;
  }

  private static Vocabulary vocabulary() throws IOException {
    Map<String, String> retired = new TreeMap<>();
    for (NameKind kind : NameKind.values()) {
      RetiredNames.current().ofKind(kind).stream()
          .filter(name -> DISTINCTIVE.matcher(name.name()).matches())
          .forEach(name -> retired.put(name.name(), name.successor().orElse(name.remedy())));
    }
    resource("retired-classes.tsv")
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("\t", -1))
        .forEach(columns -> retired.put(columns[0], columns[1]));
    return new Vocabulary(Vocabulary.parse(resource("vocabulary.tsv")), retired);
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(file -> !skipped(root.relativize(file)))
          .filter(Files::isRegularFile)
          .filter(file -> CHECKED.matcher(root.relativize(file).toString()).matches())
          .sorted()
          .collect(Collectors.toList());
    }
  }

  private static boolean skipped(Path relative) {
    for (Path part : relative) {
      if (SKIPPED_FOLDER.matcher(part.toString()).matches()) {
        return true;
      }
    }
    return false;
  }

  private static Path root() {
    return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
        .filter(folder -> Files.exists(folder.resolve("docs/internals")))
        .findFirst()
        .orElseThrow();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(VocabularyTest.class.getResourceAsStream(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
