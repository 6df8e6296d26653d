// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.simulator.SimCommand;
import dev.weir.simulator.player.PlayerCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// `weir sim` and `weir player`: the simulator reads its own flags.
final class PassThroughCommands {
  private PassThroughCommands() {}

  @Command(name = "sim", description = "Start one simulated model server (see --help).")
  static final class Sim implements Callable<Integer> {
    @Unmatched private List<String> flags = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
      return SimCommand.run(System.out, System.err, flags.toArray(String[]::new));
    }
  }

  @Command(
      name = "player",
      description = "Play a request trace and judge every answer (see --help).")
  static final class Player implements Callable<Integer> {
    @Unmatched private List<String> flags = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
      PlayerCommand.main(flags.toArray(String[]::new));
      return 0;
    }
  }
}
