// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.listener.ListenerLimits;
import dev.weir.gateway.recording.Recordings;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;

/// Settings of a gateway.
///
/// @param host address or name to bind
/// @param port 0 for any free one
/// @param loops event loops, each one thread; 0 for one per processor
/// @param limits of each client
/// @param maxSessions remembered per rollout and step, so that each session counts as one
/// @param tls certificate and key; empty for plain HTTP
/// @param otherPorts Weir's other ports on this machine: requests are never routed to them
/// @param environment Weir's environment variables, which may contain the API keys of replicas
public record GatewayOptions(
    String host,
    int port,
    int loops,
    ListenerLimits limits,
    int maxSessions,
    Optional<SSLContext> tls,
    Set<Integer> otherPorts,
    Map<String, String> environment,
    Recordings recordings,
    Set<String> allowedOrigins) {
  private static final int MAX_SESSIONS = 1_000_000;

  public GatewayOptions {
    otherPorts = Set.copyOf(otherPorts);
    environment = Map.copyOf(environment);
    allowedOrigins = Set.copyOf(allowedOrigins);
    if (port < 0 || port > 65_535 || loops < 0 || maxSessions < 1) {
      throw new IllegalArgumentException(
          "port 0..65535, loops from 0, maxSessions from 1; got port=%d loops=%d maxSessions=%d"
              .formatted(port, loops, maxSessions));
    }
  }

  public GatewayOptions(String host, int port) {
    this(
        host,
        port,
        0,
        ListenerLimits.DEFAULT,
        MAX_SESSIONS,
        Optional.empty(),
        Set.of(),
        Map.of(),
        Recordings.none(),
        Set.of());
  }

  public GatewayOptions withLimits(ListenerLimits other) {
    return new GatewayOptions(
        host,
        port,
        loops,
        other,
        maxSessions,
        tls,
        otherPorts,
        environment,
        recordings,
        allowedOrigins);
  }

  public GatewayOptions withLoops(int other) {
    return new GatewayOptions(
        host,
        port,
        other,
        limits,
        maxSessions,
        tls,
        otherPorts,
        environment,
        recordings,
        allowedOrigins);
  }

  public GatewayOptions withTls(Optional<SSLContext> other) {
    return new GatewayOptions(
        host,
        port,
        loops,
        limits,
        maxSessions,
        other,
        otherPorts,
        environment,
        recordings,
        allowedOrigins);
  }

  /// A copy with the ports and environment of the other parts of Weir.
  ///
  /// @param ports that the other parts listen on
  /// @param variables Weir's environment variables
  public GatewayOptions withOtherParts(Set<Integer> ports, Map<String, String> variables) {
    return new GatewayOptions(
        host, port, loops, limits, maxSessions, tls, ports, variables, recordings, allowedOrigins);
  }

  /// A copy that offers requests to the given recordings.
  public GatewayOptions recordingTo(Recordings other) {
    return new GatewayOptions(
        host,
        port,
        loops,
        limits,
        maxSessions,
        tls,
        otherPorts,
        environment,
        other,
        allowedOrigins);
  }

  /// A copy that allows cross-origin reads from these origins; `*` allows every origin.
  public GatewayOptions allowing(Set<String> origins) {
    return new GatewayOptions(
        host, port, loops, limits, maxSessions, tls, otherPorts, environment, recordings, origins);
  }

  /// Omits the environment variables: some are secrets.
  @Override
  public String toString() {
    return "GatewayOptions[host=%s, port=%d, loops=%d]".formatted(host, port, loops);
  }
}
