// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.listener.ListenerLimits;
import dev.weir.gateway.recording.Recordings;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;

/// How a gateway listens.
///
/// @param host address or name to bind
/// @param port 0 for any free one
/// @param loops event loops, each one thread; 0 for one per processor
/// @param limits of each client
/// @param maxSessions remembered per rollout and step, so that each session counts as one
/// @param tls what connections are shown; empty for plain HTTP
/// @param otherPorts Weir's own ports on this machine beside the gateway's: nobody is routed there
/// @param environment Weir's own variables, for keys of replicas by reference
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

  /// The same, beside other parts of Weir.
  ///
  /// @param ports that those listen on
  /// @param variables of Weir's own environment
  public GatewayOptions beside(Set<Integer> ports, Map<String, String> variables) {
    return new GatewayOptions(
        host, port, loops, limits, maxSessions, tls, ports, variables, recordings, allowedOrigins);
  }

  /// The same, which offers requests to be recorded.
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

  /// The same, whose answers pages of these origins may read; `*` for every origin.
  public GatewayOptions allowing(Set<String> origins) {
    return new GatewayOptions(
        host, port, loops, limits, maxSessions, tls, otherPorts, environment, recordings, origins);
  }

  /// Keeps the variables to itself: some are secrets.
  @Override
  public String toString() {
    return "GatewayOptions[host=%s, port=%d, loops=%d]".formatted(host, port, loops);
  }
}
