// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.ApplyResponse;

/// What a write did to one resource, in a line.
final class WriteResultText {
  private WriteResultText() {}

  static String line(ApplyResponse.Result result, boolean dryRun, CommandSession session) {
    String place = result.namespace().isEmpty() ? "" : result.namespace() + "/";
    return TerminalSanitizer.line(result.kind() + "/" + place + result.name())
        + " "
        + session.style().state(result.effect(), TerminalSanitizer.line(result.effect()))
        + (dryRun ? " (dry run)" : " (revision " + result.revision() + ")");
  }
}
