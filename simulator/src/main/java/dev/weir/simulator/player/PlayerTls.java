// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;

/// The TLS settings of the player's connections.
final class PlayerTls {
  private PlayerTls() {}

  /// Trusts the CA of the options, or else Java's trust store; empty for `http`.
  ///
  /// @throws IllegalArgumentException when the CA file has no certificates
  static Optional<SslContext> of(PlayerOptions options) {
    return options.tls() ? Optional.of(client(options.ca())) : Optional.empty();
  }

  private static SslContext client(Optional<Path> ca) {
    SslContextBuilder builder = SslContextBuilder.forClient();
    try {
      ca.ifPresent(file -> builder.trustManager(file.toFile()));
      return builder.build();
    } catch (IllegalArgumentException | SSLException invalid) {
      String file = ca.map(Path::toString).orElse("Java's trust store");
      throw new IllegalArgumentException(
          "cannot trust the certificates of " + file + ": " + invalid.getMessage(), invalid);
    }
  }
}
