// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.configuration.Setting;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options of the two listeners.
final class ListenOptions {
  private ListenOptions() {}

  /// Options of commands that run a gateway.
  static final class OfGateway {
    @Option(names = "--gateway", paramLabel = "HOST:PORT", description = "address for applications")
    private @Nullable String gateway;

    @Option(
        names = "--gateway-cert",
        paramLabel = "FILE",
        description = "certificate and chain (PEM); reloaded when it changes")
    private @Nullable String certificate;

    @Option(
        names = "--gateway-cert-key",
        paramLabel = "FILE",
        description = "private key of the certificate (PEM)")
    private @Nullable String key;

    Map<Setting, Optional<String>> settings() {
      return Map.of(
          Setting.GATEWAY, Optional.ofNullable(gateway),
          Setting.GATEWAY_CERT, Optional.ofNullable(certificate),
          Setting.GATEWAY_CERT_KEY, Optional.ofNullable(key));
    }
  }

  /// Options of commands that run a control plane.
  static final class OfControl {
    @Option(
        names = "--control",
        paramLabel = "HOST:PORT",
        description = "address of the control API")
    private @Nullable String control;

    @Option(
        names = "--control-cert",
        paramLabel = "FILE",
        description = "certificate and chain (PEM); reloaded when it changes")
    private @Nullable String certificate;

    @Option(
        names = "--control-cert-key",
        paramLabel = "FILE",
        description = "private key of the certificate (PEM)")
    private @Nullable String key;

    @Option(names = "--store", paramLabel = "URL", description = "store of resources: `sqlite`")
    private @Nullable String store;

    @Option(
        names = "--keep-replicas",
        description = "leave replicas running on shutdown; the next start adopts them")
    private boolean keepReplicas;

    Map<Setting, Optional<String>> settings() {
      return Map.of(
          Setting.CONTROL, Optional.ofNullable(control),
          Setting.CONTROL_CERT, Optional.ofNullable(certificate),
          Setting.CONTROL_CERT_KEY, Optional.ofNullable(key),
          Setting.STORE, Optional.ofNullable(store),
          Setting.KEEP_REPLICAS, ServeOptions.set(keepReplicas));
    }
  }
}
