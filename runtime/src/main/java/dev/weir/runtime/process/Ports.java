// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/// Free ports for children. Another process may take a free port before the child does; the child
/// is then started again with another port. At least no two children are handed the same one.
final class Ports {
  private static final int ATTEMPTS = 100;

  private final Set<Integer> handedOut = new HashSet<>();

  synchronized int take() {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = free();
      if (handedOut.add(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port found in " + ATTEMPTS + " attempts");
  }

  synchronized void keep(int port) {
    handedOut.add(port);
  }

  synchronized void release(int port) {
    handedOut.remove(port);
  }

  /// Whether a child could listen there now.
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
      throw new UncheckedIOException("no port can be had on " + ProcessHost.ADDRESS, e);
    }
  }
}
