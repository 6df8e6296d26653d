// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `weir control`: the control plane alone.
@Command(
    name = "control",
    description = "Start the control plane alone.",
    mixinStandardHelpOptions = true)
final class ControlCommand implements Callable<Integer> {
  @Mixin private ServeOptions serve = new ServeOptions();

  @Option(names = "--control", paramLabel = "HOST:PORT", description = "for the control API")
  private @Nullable String control;

  @Option(names = "--store", paramLabel = "URL", description = "`sqlite`")
  private @Nullable String store;

  @Option(
      names = "--keep-replicas",
      description = "leave replicas running at the end, for the next start to adopt")
  private boolean keepReplicas;

  private final Seams seams;

  ControlCommand(Seams seams) {
    this.seams = seams;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration configuration =
        serve.load(
            Map.of(
                Setting.CONTROL, Optional.ofNullable(control),
                Setting.STORE, Optional.ofNullable(store),
                Setting.KEEP_REPLICAS, ServeOptions.set(keepReplicas)));
    if (!Serving.prepared(serve, configuration)) {
      return 0;
    }
    ControlPlane plane = ControlPlane.start(configuration, seams);
    Address address = configuration.address(Setting.CONTROL).withPort(plane.port());
    ReadyFile ready = ReadyFile.in(configuration.path(Setting.DATA));
    ready.write(Optional.empty(), Optional.of(address), Optional.of(plane.adminKeyFile()));
    System.out.println("control   http://" + address);
    System.out.println("admin key " + plane.adminKeyFile());
    System.out.flush();
    Closing parts = new Closing();
    parts.<AutoCloseable>add("control plane", plane::stop);
    parts.add("ready file", ready::remove);
    Serving.untilStopped(parts);
    return 0;
  }
}
