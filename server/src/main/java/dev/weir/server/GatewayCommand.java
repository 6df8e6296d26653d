// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.client.TlsTrust;
import dev.weir.gateway.link.HttpControlLink;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import dev.weir.server.files.DataFolder;
import dev.weir.server.files.ReadyFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `weir gateway`: starts one gateway that connects to a remote control plane.
@Command(name = "gateway", description = "Start only a gateway.", mixinStandardHelpOptions = true)
final class GatewayCommand implements Callable<Integer> {
  @Mixin private ServeOptions serve = new ServeOptions();

  @Option(names = "--control", paramLabel = "URL", description = "URL of the control plane")
  private @Nullable String control;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "CA of the control plane's certificate (PEM)")
  private @Nullable String ca;

  @Mixin private ListenOptions.OfGateway listenOptions = new ListenOptions.OfGateway();

  @Option(names = "--id", paramLabel = "NAME", description = "stable name of this gateway")
  private @Nullable String id;

  @Option(
      names = "--key",
      paramLabel = "REF",
      description = "reference to a key with role gateway: file:PATH or env:NAME")
  private @Nullable String key;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration configuration =
        serve.load(
            listenOptions.settings(),
            Map.of(
                Setting.CONTROL_URL, Optional.ofNullable(control),
                Setting.CA, Optional.ofNullable(ca),
                Setting.GATEWAY_ID, Optional.ofNullable(id),
                Setting.GATEWAY_KEY, Optional.ofNullable(key)));
    if (!Serving.prepared(serve, configuration)) {
      return 0;
    }
    Serving.serve((closeStack, _) -> start(configuration, closeStack));
    return 0;
  }

  private static void start(Configuration configuration, CloseStack closeStack) throws IOException {
    LinkSettings settings = LinkSettings.of(configuration, System.getenv());
    Path data = configuration.path(Setting.DATA);
    DataFolder.requireUsable(data);
    HttpControlLink link =
        closeStack.add(
            "link",
            new HttpControlLink(
                settings.controlUrl(), settings.key(), settings.ca().map(TlsTrust::only)));
    GatewayPlane plane =
        closeStack.add(
            "gateway", GatewayPlane.start(configuration, data, link, controlPort(settings)));
    ReadyFile ready = ReadyFile.in(data);
    closeStack.<AutoCloseable>add("ready file", ready::remove);
    ready.write(Optional.of(plane.url()), Optional.empty(), Optional.empty());
    System.out.println("gateway   " + plane.url() + "/v1   (OpenAI-compatible)");
    System.out.flush();
  }

  /// The port of the control plane, which endpoints on loopback must not use: it may run on this
  /// machine.
  private static Set<Integer> controlPort(LinkSettings settings) {
    int port = settings.controlUrl().getPort();
    return port > 0 ? Set.of(port) : Set.of();
  }
}
