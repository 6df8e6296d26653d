// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.Clean;
import dev.weir.client.ApplyAnswer;

/// What a write did to one resource, in a line.
final class Effects {
  private Effects() {}

  static String line(ApplyAnswer.Result result, boolean dryRun, Session session) {
    String place = result.namespace().isEmpty() ? "" : result.namespace() + "/";
    return Clean.line(result.kind() + "/" + place + result.name())
        + " "
        + session.style().state(result.effect(), Clean.line(result.effect()))
        + (dryRun ? " (dry run)" : " (revision " + result.revision() + ")");
  }
}
