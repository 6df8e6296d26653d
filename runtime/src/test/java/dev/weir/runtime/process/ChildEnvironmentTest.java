// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildEnvironmentTest {
  private static final String KEY = "weir_" + "k".repeat(43);

  @TempDir Path folder;

  @Test
  void references_are_resolved_and_no_other_secret_of_weir_is_passed_on() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "from-file\n");
    ChildEnvironment given =
        ChildEnvironment.of(
            Map.of("A", "env:SECRET", "B", "file:" + token, "C", "plain"),
            Map.of("SECRET", "from-env", "OTHER", "hidden", "PATH", "/bin"),
            "launch",
            Path.of("/data/replicas/local/chat-1-0"));
    assertThat(given)
        .isEqualTo(
            new ChildEnvironment.Resolved(
                Map.of(
                    "A",
                    "from-env",
                    "B",
                    "from-file",
                    "C",
                    "plain",
                    "PATH",
                    "/bin",
                    ChildEnvironment.LAUNCH_ID,
                    "launch",
                    ChildEnvironment.LAUNCH_FOLDER,
                    "/data/replicas/local/chat-1-0")));
    assertThat(given.toString()).doesNotContain("from-env").doesNotContain("from-file");
  }

  /// A user with the right to write versions may name any file that Weir can read, but must not
  /// become an administrator that way.
  @Test
  void no_engine_gets_a_key_of_weir_itself() throws IOException {
    Path key = Files.writeString(folder.resolve("admin.key"), KEY + "\n");
    for (String reference : new String[] {"file:" + key, "env:KEY", KEY}) {
      ChildEnvironment given =
          ChildEnvironment.of(Map.of("A", reference), Map.of("KEY", KEY), "launch", folder);
      assertThat(given)
          .isEqualTo(
              new ChildEnvironment.Unresolved(
                  "the engine's variable A contains a key of Weir, which engines must not"
                      + " receive"));
    }
  }
}
