// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// The ports that this process listens on, as they become known: users' endpoints may not lead back
/// into Weir.
final class ListeningPorts implements Supplier<Set<Integer>> {
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();

  void add(int port) {
    ports.add(port);
  }

  @Override
  public Set<Integer> get() {
    return Set.copyOf(ports);
  }
}
