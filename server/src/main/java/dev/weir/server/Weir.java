// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.cli.CliIo;
import dev.weir.cli.WeirCli;
import java.util.List;

/// The one `main`: the CLI with the commands that serve mounted into it.
public final class Weir {
  private Weir() {}

  public static void main(String[] args) {
    LastingLogManager.use();
    List<Object> serving =
        List.of(
            new UpCommand(),
            new ControlCommand(),
            new GatewayCommand(),
            new PassThroughCommands.Sim(),
            new PassThroughCommands.Player(),
            new DemoCommand(),
            new TrainCommand());
    int status = WeirCli.run(args, serving, CliIo.ofProcess(), Version.CURRENT);
    // Serving commands leave threads behind that must not keep a finished program alive.
    System.exit(status);
  }
}
