// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// What live state of a replica (requests in flight, open connections) hangs on. A replica that
/// comes back under another URL is another one.
public record ReplicaKey(String service, String name, String url) {}
