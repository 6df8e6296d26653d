// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.simulator.SimCommand;
import dev.weir.simulator.player.PlayerCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/// `weir sim` and `weir player`: the simulator parses its own flags.
final class PassThroughCommands {
  private PassThroughCommands() {}

  /// Declares `--help` so that the simulator prints its help; the CLI does not know the flags.
  private static String[] arguments(boolean help, List<String> flags) {
    return help ? new String[] {"--help"} : flags.toArray(String[]::new);
  }

  @Command(name = "sim", description = "Start one simulated model server.")
  static final class Sim implements Callable<Integer> {
    @Option(
        names = {"-h", "--help"},
        description = "list all flags")
    private boolean help;

    @Unmatched private List<String> flags = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
      return SimCommand.run(System.out, System.err, arguments(help, flags));
    }
  }

  @Command(name = "player", description = "Play a request trace and check every answer.")
  static final class Player implements Callable<Integer> {
    @Option(
        names = {"-h", "--help"},
        description = "list all flags")
    private boolean help;

    @Unmatched private List<String> flags = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
      PlayerCommand.main(arguments(help, flags));
      return 0;
    }
  }
}
