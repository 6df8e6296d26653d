// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// The ports on which this process listens. Endpoints of users must not point back to Weir.
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
