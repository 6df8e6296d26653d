// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

/// Limits of one listener. All above 0.
///
/// @param maxConnections open at once; a further one gets 503 and is closed
/// @param maxBodyBytes of a request; a larger one gets 413
/// @param maxHeaderBytes of all headers of a request; larger headers get 431
/// @param maxLineBytes of the request line; a longer one gets 414
/// @param uploadMillis from a request's head to its last byte; a slower one gets 408
/// @param idleMillis after which a connection without a request is closed
/// @param maxBodyMemoryBytes of the bodies of all unanswered requests; a request that would exceed
///   it gets 503
/// @param handshakeMillis from accepting a connection to the end of its TLS handshake; a slower one
///   is closed
public record ListenerLimits(
    int maxConnections,
    int maxBodyBytes,
    int maxHeaderBytes,
    int maxLineBytes,
    long maxBodyMemoryBytes,
    long uploadMillis,
    long idleMillis,
    long handshakeMillis) {
  private static final int MAX_BODY = 32 * 1024 * 1024;

  public static final ListenerLimits DEFAULT =
      new ListenerLimits(
          10_000,
          MAX_BODY,
          64 * 1024,
          8 * 1024,
          Math.max(2L * MAX_BODY, Runtime.getRuntime().maxMemory() / 4),
          60_000,
          75_000,
          10_000);

  public ListenerLimits {
    require(maxConnections, "maxConnections");
    require(maxBodyBytes, "maxBodyBytes");
    require(maxHeaderBytes, "maxHeaderBytes");
    require(maxLineBytes, "maxLineBytes");
    require(maxBodyMemoryBytes, "maxHeldBytes");
    require(uploadMillis, "uploadMillis");
    require(idleMillis, "idleMillis");
    require(handshakeMillis, "handshakeMillis");
  }

  private static void require(long value, String name) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be above 0: " + value);
    }
  }
}
