// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.codec.Manifests;
import dev.weir.model.value.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferencePagesTest {
  /// `./dev docs` sets it: write the pages instead of comparing them.
  private static final String WRITE = "weir.docs.write";

  private final Map<String, String> pages = Reference.pages();

  @Test
  void the_committed_pages_are_what_the_sources_generate() throws IOException {
    Path root = Checkout.here().root();
    if (Boolean.getBoolean(WRITE)) {
      write(root);
    }
    pages.forEach((path, text) -> assertPage(root.resolve(path), text));
  }

  private void write(Path root) throws IOException {
    for (Map.Entry<String, String> page : pages.entrySet()) {
      Path file = root.resolve(page.getKey());
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, page.getValue());
    }
  }

  private static void assertPage(Path file, String text) {
    assertThat(file).as("%s does not exist: run ./dev docs", file).exists();
    assertThat(Checkout.text(file)).as("%s is stale: run ./dev docs", file).isEqualTo(text);
  }

  @Test
  void a_page_that_differs_fails_and_names_the_command(@TempDir Path folder) throws IOException {
    Path stale = Files.writeString(folder.resolve("errors.md"), "old");
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> assertPage(stale, "new")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("run ./dev docs");
  }

  @Test
  void generating_again_gives_the_same_pages() {
    assertThat(Reference.pages()).isEqualTo(pages);
  }

  @Test
  void every_kind_has_one_valid_example() {
    String examples = Reference.examples();
    assertThat(Manifests.read(examples).problems()).isEmpty();
    assertThat(ManifestsPage.examples(examples).keySet())
        .containsExactlyInAnyOrderElementsOf(Arrays.stream(Kind.values()).map(Kind::text).toList());
  }

  @Test
  void every_field_option_and_error_is_described() {
    assertThat(pages.get("docs/reference/manifests.md")).doesNotContain("| - |\n");
    assertThat(pages.get("docs/reference/commands.md")).doesNotContain("| - |\n");
    assertThat(pages.get("docs/reference/errors.md")).doesNotContain("| - |");
    assertThat(pages.get("docs/reference/settings.md")).doesNotContain("| - |");
  }
}
