// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.WhoAmI;
import dev.weir.model.codec.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `weir whoami`: whom the key belongs to and what they may do.
@Command(name = "whoami", description = "Show the key's principal and its roles.")
final class WhoAmICommand implements Callable<Integer> {
  private final CommandSession session;

  WhoAmICommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    WhoAmI who = session.client().whoami();
    if (format.document()) {
      session.document(Json.tree(who));
      return ExitStatus.OK;
    }
    session.line(TerminalSanitizer.line(who.principal()));
    if (!who.key().isEmpty()) {
      session.line("  key   " + TerminalSanitizer.line(who.key()));
    }
    who.roles().forEach(grant -> session.line("  role  " + TerminalSanitizer.line(where(grant))));
    session.line("  at    " + session.settings().endpoint().server());
    return ExitStatus.OK;
  }

  private static String where(WhoAmI.Grant grant) {
    return grant.role() + (grant.allNamespaces() ? " everywhere" : " in " + grant.namespace());
  }
}
