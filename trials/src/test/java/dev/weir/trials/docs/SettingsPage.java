// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import dev.weir.server.ServerReference;
import java.util.List;

/// `docs/reference/settings.md`.
final class SettingsPage {
  private SettingsPage() {}

  static String text() {
    ReferencePage page = new ReferencePage("Settings", "the settings that `weir config` prints");
    page.paragraph(
        "A command-line option overrides an environment variable, a variable overrides the file of"
            + " `--config`, and the file overrides the default. `weir config` prints each value and"
            + " its source. Weir does not start with an unknown key or an invalid value.");
    page.section("Settings of serving commands");
    page.table(
        List.of("key", "variable", "default", "allowed", "description"),
        ServerReference.settings().stream()
            .map(setting ->
                List.of(
                    ReferencePage.code(setting.key()),
                    ReferencePage.code(setting.variable()),
                    setting.fallback().isEmpty() ? "empty" : ReferencePage.code(setting.fallback()),
                    setting.allowed(),
                    ReferencePage.sentence(setting.meaning()))));
    page.section("Other environment variables");
    page.table(
        List.of("variable", "description"),
        ServerReference.otherVariables().entrySet().stream()
            .map(variable ->
                List.of(
                    ReferencePage.code(variable.getKey()),
                    ReferencePage.sentence(variable.getValue()))));
    return page.text();
  }
}
