// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.cli.session.ContextFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The CLI context that `weir up` maintains.
final class LocalContext {
  private static final Duration CONNECT = Duration.ofMillis(500);

  private LocalContext() {}

  /// The control URL of a context, if it is another one than `control` and a process listens there.
  /// A second `weir up` must not redirect the commands that its user means for the first.
  static Optional<String> inUse(ContextFile.@Nullable Entry context, String control) {
    return Optional.ofNullable(context)
        .map(ContextFile.Entry::server)
        .filter(server -> !server.equals(control) && listens(server));
  }

  private static boolean listens(String server) {
    try (Socket socket = new Socket()) {
      URI uri = URI.create(server);
      socket.connect(
          new InetSocketAddress(uri.getHost(), uri.getPort()), Math.toIntExact(CONNECT.toMillis()));
      return true;
    } catch (IOException | IllegalArgumentException _) {
      return false;
    }
  }
}
