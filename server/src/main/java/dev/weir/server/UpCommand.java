// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.cli.ContextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

  @Option(names = "--gateway", paramLabel = "HOST:PORT", description = "for applications")
  private @Nullable String gateway;

  @Option(names = "--control", paramLabel = "HOST:PORT", description = "for the control API")
  private @Nullable String control;

  @Option(names = "--store", paramLabel = "URL", description = "`sqlite`")
  private @Nullable String store;

  @Option(
      names = "--keep-replicas",
      description = "leave replicas running at the end, for the next start to adopt")
  private boolean keepReplicas;

  private final Seams seams;

  UpCommand(Seams seams) {
    this.seams = seams;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration configuration =
        serve.load(
            Map.of(
                Setting.GATEWAY, Optional.ofNullable(gateway),
                Setting.CONTROL, Optional.ofNullable(control),
                Setting.STORE, Optional.ofNullable(store),
                Setting.KEEP_REPLICAS, ServeOptions.set(keepReplicas)));
    if (!Serving.prepared(serve, configuration)) {
      return 0;
    }
    Up up = Up.start(configuration, seams);
    up.announce(System.out);
    ContextFile.ofEnvironment(System.getenv())
        .makeCurrent("local", "http://" + up.control(), Path.of(up.adminKeyFile().toString()));
    Serving.untilStopped(up::stop);
    return 0;
  }
}
