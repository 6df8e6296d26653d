// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CommandSession;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.ApplyResponse;

/// The effect of a write on one resource, in one line.
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
