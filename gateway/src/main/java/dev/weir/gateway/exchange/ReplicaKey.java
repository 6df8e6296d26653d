// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// Identifies the live state of a replica (requests in flight, open connections). A replica that
/// returns under another URL is a different one.
public record ReplicaKey(String service, String name, String url) {}
