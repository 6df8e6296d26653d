// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.cli.CliException;
import dev.weir.cli.ContextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `weir up`: both planes in one process.
@Command(
    name = "up",
    description = "Start control plane and gateway in one process.",
    mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
  @Mixin private ServeOptions serve = new ServeOptions();

  @Mixin private ListenOptions.OfGateway ofGateway = new ListenOptions.OfGateway();
  @Mixin private ListenOptions.OfControl ofControl = new ListenOptions.OfControl();

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "PEM: who signed the control API's certificate, for the CLI's context")
  private @Nullable String ca;

  private static final Logger LOG = LoggerFactory.getLogger(UpCommand.class);

  private final Seams seams;

  UpCommand(Seams seams) {
    this.seams = seams;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration configuration =
        serve.load(
            ofGateway.settings(),
            ofControl.settings(),
            Map.of(Setting.CA, Optional.ofNullable(ca)));
    if (!Serving.prepared(serve, configuration)) {
      return 0;
    }
    Serving.serve((parts, toldToEnd) -> start(configuration, parts, toldToEnd));
    return 0;
  }

  private void start(Configuration configuration, Closing parts, BooleanSupplier toldToEnd)
      throws IOException {
    Up up = parts.add("both planes", Up.start(configuration, seams, toldToEnd));
    up.announce(System.out);
    makeCurrent(up, configuration);
  }

  /// What serves goes on serving when the CLI's own file cannot be written.
  private static void makeCurrent(Up up, Configuration configuration) {
    try {
      ContextFile.ofEnvironment(System.getenv())
          .makeCurrent(
              "local",
              up.control(),
              Path.of(up.adminKeyFile().toString()),
              configuration.file(Setting.CA).or(up::ownAuthority));
    } catch (CliException e) {
      LOG.warn(
          "event=context.unwritten why=\"{}\" effect=\"the command line needs --server and --key\"",
          e.getMessage());
    }
  }
}
