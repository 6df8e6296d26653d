// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.node.JsonNodeFactory;

/// `weir version`: prints the version of this program without a control plane.
@Command(name = "version", description = "Print the version of this program.")
final class VersionCommand implements Callable<Integer> {
  private final CommandSession session;
  private final String version;

  VersionCommand(CommandSession session, String version) {
    this.session = session;
    this.version = version;
  }

  @Override
  public Integer call() {
    if (session.format().document()) {
      session.document(JsonNodeFactory.instance.objectNode().put("weir", version));
    } else {
      session.line("weir " + version);
    }
    return ExitStatus.OK;
  }
}
