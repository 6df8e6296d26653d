// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;

/// How a replica wants to be called, all by reference.
///
/// @param credential `env:NAME` or `file:PATH` of the bearer token, or empty
/// @param caFile path of the authorities to trust instead of Java's own, or empty
/// @param serverName the name that its certificate must have, also sent as `Host`, or empty for the
///   URL's host
public record UpstreamAuth(String credential, String caFile, String serverName) {
  static final UpstreamAuth PLAIN = new UpstreamAuth("", "", "");

  public static UpstreamAuth of(ReplicaEntry replica) {
    return new UpstreamAuth(replica.credential(), replica.caFile(), replica.serverName());
  }

  /// Whether nothing has to be read before it can be called.
  boolean open() {
    return credential.isEmpty() && caFile.isEmpty();
  }
}
