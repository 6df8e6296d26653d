// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Resolves host names. Calls block without a time limit: do not call it from a thread that others
/// wait for.
@FunctionalInterface
public interface NameResolver {
  /// Java's resolver, which uses the system's resolver and caches results for
  /// `networkaddress.cache.ttl` seconds.
  NameResolver SYSTEM = host -> List.of(InetAddress.getAllByName(host));

  /// All addresses of the name, at least one. A numeric address resolves to itself.
  ///
  /// @throws UnknownHostException when the name has no address or cannot be resolved
  List<InetAddress> lookUp(String host) throws UnknownHostException;
}
