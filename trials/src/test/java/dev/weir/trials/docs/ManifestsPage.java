// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import dev.weir.control.access.Permission;
import dev.weir.model.codec.ManifestFields;
import dev.weir.model.value.Kind;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `docs/reference/manifests.md`.
final class ManifestsPage {
  private static final List<String> COLUMNS =
      List.of("field", "type", "default", "allowed", "description");
  private static final String SEPARATOR = "---\n";

  private ManifestsPage() {}

  /// @param examples manifests, one of each kind, separated by `---`
  static String text(String examples) {
    Map<String, String> byKind = examples(examples);
    ReferencePage page = new ReferencePage("Manifests", "the records of the resource kinds");
    page.paragraph(
        "A manifest is YAML or JSON with `apiVersion: weir.dev/v1`, `kind`, `metadata` and `spec`."
            + " A file can hold several, separated by `---`. Weir reports unknown fields as errors.");
    page.paragraph(
        "In the column of defaults, `required` is a field without a default, and `-` is an optional"
            + " field. `[]` in a path is an item of a list; `KEY` is a key of a map.");
    page.section("Types");
    page.table(
        List.of("type", "text"),
        ManifestFields.notations().entrySet().stream()
            .map(entry -> List.of(entry.getKey(), entry.getValue())));
    page.section("Metadata").paragraph("All kinds have these fields.");
    fields(page, ManifestFields.metadata());
    for (Kind kind : Kind.values()) {
      kind(page, kind, byKind.getOrDefault(kind.text(), ""));
    }
    return page.text();
  }

  static Map<String, String> examples(String examples) {
    return Stream.of(examples.split("(?m)^" + SEPARATOR))
        .filter(example -> example.contains("kind: "))
        .collect(Collectors.toMap(ManifestsPage::kindOf, Function.identity()));
  }

  private static String kindOf(String example) {
    return example.replaceAll("(?s).*?^?kind: (\\w+).*", "$1");
  }

  private static void kind(ReferencePage page, Kind kind, String example) {
    page.section(kind.text()).paragraph(ManifestFields.description(kind));
    String path =
        kind.namespaced()
            ? "/api/v1/namespaces/{namespace}/" + kind.plural()
            : "/api/v1/" + kind.plural();
    page.paragraph(
        "%s. Path: `%s`. Writing one needs permission %s."
            .formatted(
                kind.namespaced() ? "In a namespace" : "Global, without a namespace",
                path,
                Permission.writing(kind)));
    page.code("yaml", example);
    fields(page, ManifestFields.of(kind, "spec"));
    List<ManifestFields.Row> status = ManifestFields.of(kind, "status");
    if (!status.isEmpty()) {
      page.paragraph(
          "Weir writes the status of a " + kind.text() + ". It ignores one in a manifest.");
      page.table(
          List.of("field", "type", "allowed", "description"),
          status.stream()
              .map(row ->
                  List.of(
                      ReferencePage.code(row.path()),
                      row.type(),
                      row.allowed(),
                      row.description())));
    }
  }

  private static void fields(ReferencePage page, List<ManifestFields.Row> rows) {
    page.table(
        COLUMNS,
        rows.stream()
            .map(row ->
                List.of(
                    ReferencePage.code(row.path()),
                    row.type(),
                    row.fallback(),
                    row.allowed(),
                    row.description())));
  }
}
