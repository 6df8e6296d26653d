// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `weir completion`: prints a script for the shell to source.
@Command(
    name = "completion",
    description = "Print a shell completion script for bash, zsh or fish.")
final class CompletionCommand implements Callable<Integer> {
  private final CommandSession session;
  private final CommandLine root;

  @Parameters(
      paramLabel = "SHELL",
      completionCandidates = Shells.class,
      description = "shell: bash, zsh or fish")
  private String shell = "";

  CompletionCommand(CommandSession session, CommandLine root) {
    this.session = session;
    this.root = root;
  }

  static final class Shells implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of("bash", "zsh", "fish").iterator();
    }
  }

  @Override
  public Integer call() {
    session.text(
        switch (shell) {
          // The bash script also works in zsh: it loads bashcompinit itself.
          case "bash", "zsh" -> AutoComplete.bash("weir", root);
          case "fish" -> FishCompletion.script(root.getCommandSpec());
          default ->
              throw CliException.usage(
                  "no completion for shell '" + shell + "': use bash, zsh or fish");
        });
    return ExitStatus.OK;
  }
}
