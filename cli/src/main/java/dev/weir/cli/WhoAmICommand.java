// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.Clean;
import dev.weir.client.WhoAmI;
import dev.weir.model.codec.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `weir whoami`: whom the key belongs to and what they may do.
@Command(name = "whoami", description = "Tell whom the key belongs to, and their roles.")
final class WhoAmICommand implements Callable<Integer> {
  private final Session session;

  WhoAmICommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Format format = session.format();
    WhoAmI who = session.client().whoami();
    if (format.document()) {
      session.document(Json.tree(who));
      return Exit.OK;
    }
    session.line(Clean.line(who.principal()));
    if (!who.key().isEmpty()) {
      session.line("  key   " + Clean.line(who.key()));
    }
    who.roles().forEach(grant -> session.line("  role  " + Clean.line(where(grant))));
    session.line("  at    " + session.settings().endpoint().server());
    return Exit.OK;
  }

  private static String where(WhoAmI.Grant grant) {
    return grant.role() + (grant.allNamespaces() ? " everywhere" : " in " + grant.namespace());
  }
}
