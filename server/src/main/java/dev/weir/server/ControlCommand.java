// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import dev.weir.server.files.ReadyFile;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `weir control`: starts only the control plane.
@Command(
    name = "control",
    description = "Start only the control plane.",
    mixinStandardHelpOptions = true)
final class ControlCommand implements Callable<Integer> {
  @Mixin private ServeOptions serve = new ServeOptions();

  @Mixin private ListenOptions.OfControl listenOptions = new ListenOptions.OfControl();

  private final TestHooks testHooks;

  ControlCommand(TestHooks testHooks) {
    this.testHooks = testHooks;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration configuration = serve.load(listenOptions.settings());
    if (!Serving.prepared(serve, configuration)) {
      return 0;
    }
    Serving.serve(
        (closeStack, shutdownRequested) -> start(configuration, closeStack, shutdownRequested));
    return 0;
  }

  private void start(
      Configuration configuration, CloseStack closeStack, BooleanSupplier shutdownRequested)
      throws IOException {
    ControlPlane plane =
        closeStack.add(
            "control plane", ControlPlane.start(configuration, testHooks, shutdownRequested));
    ReadyFile ready = ReadyFile.in(configuration.path(Setting.DATA));
    closeStack.<AutoCloseable>add("ready file", ready::remove);
    ready.write(Optional.empty(), Optional.of(plane.url()), Optional.of(plane.adminKeyFile()));
    System.out.println("control   " + plane.url());
    System.out.println(KeyFiles.line(plane.adminKeyFile(), plane::accepts));
    System.out.flush();
  }
}
