// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.cli.WeirCli;
import dev.weir.cli.doctor.DoctorCheck;
import dev.weir.cli.session.CliIo;
import dev.weir.server.machine.MachineCheck;
import dev.weir.server.machine.PortOwners;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;

/// The `main` class: the CLI with the serving commands.
public final class Weir {
  private Weir() {}

  public static void main(String[] args) {
    run(TestHooks.NONE, args);
  }

  /// The entry point for trials.
  public static void run(TestHooks testHooks, String... args) {
    JavaSettings.prepare();
    WeirCli cli = new WeirCli(Version.CURRENT, io(), machine());
    int status = cli.run(serving(cli, testHooks), args);
    // Serving commands leave threads that must not keep the process alive.
    System.exit(status);
  }

  /// The commands that this module adds to the CLI.
  static List<Object> serving(WeirCli cli, TestHooks testHooks) {
    return List.of(
        new UpCommand(testHooks),
        new ControlCommand(testHooks),
        new GatewayCommand(),
        new ConfigCommand(cli::client),
        new DemoCommand(),
        new TrafficCommand(cli.session()),
        new RestoreCommand(),
        new PassThroughCommands.Sim(),
        new PassThroughCommands.Player(),
        new AotWarmupCommand());
  }

  private static DoctorCheck machine() {
    return new MachineCheck(
        System.getenv(), InstantSource.system(), System::nanoTime, PortOwners.ofThisMachine());
  }

  private static CliIo io() {
    return new CliIo(
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        System.in,
        System.getenv(),
        Serving.terminal(),
        InstantSource.system());
  }
}
