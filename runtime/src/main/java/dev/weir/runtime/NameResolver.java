// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Looks host names up. Calls block for as long as the resolver of the machine likes: never make
/// them on a thread that others wait for.
@FunctionalInterface
public interface NameResolver {
  /// Java's own, which asks the machine's and keeps what it heard for `networkaddress.cache.ttl`
  /// seconds.
  NameResolver SYSTEM = host -> List.of(InetAddress.getAllByName(host));

  /// All addresses of the name, at least one; an address in figures is its own.
  ///
  /// @throws UnknownHostException when there is none, or nobody can tell
  List<InetAddress> lookUp(String host) throws UnknownHostException;
}
