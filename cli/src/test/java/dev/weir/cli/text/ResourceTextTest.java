// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.value.Kind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResourceTextTest {
  @ParameterizedTest
  @EnumSource(Kind.class)
  void every_kind_has_a_row_with_a_cell_for_each_column(Kind kind) {
    Resource resource = Resources.of(kind);
    List<String> lines = lines(kind, resource, false);
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst()).startsWith("NAME ").endsWith("AGE");
    assertThat(lines.getLast()).startsWith(resource.metadata().name() + " ");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void the_wide_output_of_every_kind_ends_with_revision_and_labels(Kind kind) {
    assertThat(lines(kind, Resources.of(kind), true).getFirst()).endsWith("REVISION  LABELS");
  }

  private static List<String> lines(Kind kind, Resource resource, boolean wide) {
    Table table =
        ResourceText.table(kind, List.of(resource), List.of(), wide, Instant.EPOCH.plusSeconds(60));
    return table.render(Style.plain()).lines().toList();
  }
}
