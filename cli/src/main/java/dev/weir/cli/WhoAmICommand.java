// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.WhoAmI;
import dev.weir.model.codec.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `weir whoami`: shows the key's principal and its roles.
@Command(name = "whoami", description = "Show the key's principal and its roles.")
final class WhoAmICommand implements Callable<Integer> {
  private final CommandSession session;

  WhoAmICommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    WhoAmI identity = session.client().whoami();
    if (format.document()) {
      session.document(Json.tree(identity));
      return ExitStatus.OK;
    }
    session.line(TerminalSanitizer.line(identity.principal()));
    if (!identity.key().isEmpty()) {
      session.line("  key   " + TerminalSanitizer.line(identity.key()));
    }
    identity
        .roles()
        .forEach(grant -> session.line("  role  " + TerminalSanitizer.line(where(grant))));
    session.line("  at    " + session.settings().endpoint().server());
    return ExitStatus.OK;
  }

  private static String where(WhoAmI.Grant grant) {
    return grant.role()
        + (grant.allNamespaces() ? " in all namespaces" : " in " + grant.namespace());
  }
}
