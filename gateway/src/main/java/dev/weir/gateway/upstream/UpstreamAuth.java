// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;

/// How to authenticate with a replica; all secrets are references.
///
/// @param credential `env:NAME` or `file:PATH` of the bearer token, or empty
/// @param caFile path of the CA certificates to trust instead of Java's own, or empty
/// @param serverName required name in the replica's certificate, also sent as `Host`, or empty for
///   the URL's host
public record UpstreamAuth(String credential, String caFile, String serverName) {
  static final UpstreamAuth PLAIN = new UpstreamAuth("", "", "");

  public static UpstreamAuth of(ReplicaEntry replica) {
    return new UpstreamAuth(replica.credential(), replica.caFile(), replica.serverName());
  }

  /// Whether it can be used without reading a credential or file.
  boolean needsNoFiles() {
    return credential.isEmpty() && caFile.isEmpty();
  }
}
