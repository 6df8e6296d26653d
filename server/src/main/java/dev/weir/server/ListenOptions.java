// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Flags of the two listeners.
final class ListenOptions {
  private ListenOptions() {}

  /// Of commands that run a gateway.
  static final class OfGateway {
    @Option(names = "--gateway", paramLabel = "HOST:PORT", description = "for applications")
    private @Nullable String gateway;

    @Option(
        names = "--gateway-cert",
        paramLabel = "FILE",
        description = "PEM: its certificate and chain; read again when it changes")
    private @Nullable String certificate;

    @Option(names = "--gateway-cert-key", paramLabel = "FILE", description = "PEM: the key of it")
    private @Nullable String key;

    Map<Setting, Optional<String>> settings() {
      return Map.of(
          Setting.GATEWAY, Optional.ofNullable(gateway),
          Setting.GATEWAY_CERT, Optional.ofNullable(certificate),
          Setting.GATEWAY_CERT_KEY, Optional.ofNullable(key));
    }
  }

  /// Of commands that run a control plane.
  static final class OfControl {
    @Option(names = "--control", paramLabel = "HOST:PORT", description = "for the control API")
    private @Nullable String control;

    @Option(
        names = "--control-cert",
        paramLabel = "FILE",
        description = "PEM: its certificate and chain; read again when it changes")
    private @Nullable String certificate;

    @Option(names = "--control-cert-key", paramLabel = "FILE", description = "PEM: the key of it")
    private @Nullable String key;

    @Option(names = "--store", paramLabel = "URL", description = "`sqlite`")
    private @Nullable String store;

    @Option(
        names = "--keep-replicas",
        description = "leave replicas running at the end, for the next start to adopt")
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
