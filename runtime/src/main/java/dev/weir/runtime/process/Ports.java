// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/// Assigns free ports to children. No two children get the same port. If another process takes the
/// port first, the child is restarted with another port.
final class Ports {
  private static final int ATTEMPTS = 100;

  private final Set<Integer> assigned = new HashSet<>();

  synchronized int take() {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = free();
      if (assigned.add(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port found in " + ATTEMPTS + " attempts");
  }

  synchronized void keep(int port) {
    assigned.add(port);
  }

  synchronized void release(int port) {
    assigned.remove(port);
  }

  /// Whether the port is free now.
  static boolean free(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int free() {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on " + ProcessHost.ADDRESS, e);
    }
  }
}
