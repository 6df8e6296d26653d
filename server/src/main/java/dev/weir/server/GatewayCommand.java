// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.gateway.link.HttpControlLink;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `weir gateway`: one data plane alone, fed by a control plane elsewhere.
@Command(
    name = "gateway",
    description = "Start one gateway alone.",
    mixinStandardHelpOptions = true)
final class GatewayCommand implements Callable<Integer> {
  @Mixin private ServeOptions serve = new ServeOptions();

  @Option(names = "--control", paramLabel = "URL", description = "the control plane's URL")
  private @Nullable String control;

  @Option(names = "--gateway", paramLabel = "HOST:PORT", description = "for applications")
  private @Nullable String gateway;

  @Option(names = "--id", paramLabel = "NAME", description = "a stable name for this gateway")
  private @Nullable String id;

  @Option(
      names = "--key",
      paramLabel = "REF",
      description = "key of role gateway: file:PATH or env:NAME")
  private @Nullable String key;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration configuration =
        serve.load(
            Map.of(
                Setting.CONTROL_URL, Optional.ofNullable(control),
                Setting.GATEWAY, Optional.ofNullable(gateway),
                Setting.GATEWAY_ID, Optional.ofNullable(id),
                Setting.GATEWAY_KEY, Optional.ofNullable(key)));
    if (!Serving.prepared(serve, configuration)) {
      return 0;
    }
    Path data = configuration.path(Setting.DATA);
    PrivateFiles.makeFolder(data);
    HttpControlLink link = new HttpControlLink(controlUrl(configuration), secret(configuration));
    GatewayPlane plane = GatewayPlane.start(configuration, data, link);
    Address address = configuration.address(Setting.GATEWAY).withPort(plane.port());
    ReadyFile ready = ReadyFile.in(data);
    ready.write(Optional.of(address), Optional.empty(), Optional.empty());
    System.out.println("gateway   http://" + address + "/v1   (OpenAI-compatible)");
    System.out.flush();
    Closing parts = new Closing();
    parts.add("link", link);
    parts.add("gateway", plane);
    parts.add("ready file", ready::remove);
    Serving.untilStopped(parts);
    return 0;
  }

  private static URI controlUrl(Configuration configuration) {
    String text = configuration.text(Setting.CONTROL_URL);
    if (!text.startsWith("http://") && !text.startsWith("https://")) {
      throw new UsageException(
          "a gateway needs its control plane: --control http://HOST:PORT (got '" + text + "')");
    }
    return URI.create(text);
  }

  /// Reads the key at each use, so that it can be replaced without a restart.
  private static Supplier<String> secret(Configuration configuration) {
    String reference = configuration.text(Setting.GATEWAY_KEY);
    if (reference.startsWith("file:")) {
      Path file = Path.of(reference.substring("file:".length()));
      return () -> readKey(file);
    }
    if (reference.startsWith("env:")) {
      String name = reference.substring("env:".length());
      return () -> Optional.ofNullable(System.getenv(name)).orElse("");
    }
    throw new UsageException(
        "a gateway needs its key by reference: --key file:PATH or env:NAME (the control plane keeps"
            + " one in DATA/gateway.key)");
  }

  private static String readKey(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UsageException("the gateway's key can't be read from " + file);
    }
  }
}
