// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// Commands that only group subcommands.
public final class CommandGroups {
  private CommandGroups() {}

  /// A command that requires a subcommand.
  public static CommandLine group(String name, String description) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().description(description);
    return new CommandLine(spec);
  }
}
