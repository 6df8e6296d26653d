// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.observation.GatewayRegistry;
import dev.weir.control.observation.GatewayState;
import dev.weir.control.publication.Publisher;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/// Polls the latest acknowledgement of each gateway.
public final class GatewayAcknowledgement implements Acknowledgement {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final Publisher publisher;
  private final GatewayRegistry gateways;
  private final LongSupplier nanos;
  private final Runnable pause;

  /// @param nanos monotonic
  /// @param pause waits between two polls; short
  public GatewayAcknowledgement(
      Publisher publisher, GatewayRegistry gateways, LongSupplier nanos, Runnable pause) {
    this.publisher = publisher;
    this.gateways = gateways;
    this.nanos = nanos;
    this.pause = pause;
  }

  @Override
  public Outcome await() {
    publisher.publish();
    long sequence = publisher.current().snapshot().sequence();
    long start = nanos.getAsLong();
    while (nanos.getAsLong() - start < TIMEOUT.toNanos() && waiting(sequence)) {
      pause.run();
    }
    List<String> acknowledged = new ArrayList<>();
    List<Behind> behind = new ArrayList<>();
    for (GatewayState gateway : gateways.states()) {
      if (serves(gateway, sequence)) {
        acknowledged.add(gateway.id());
      } else {
        behind.add(new Behind(gateway.id(), why(gateway, sequence)));
      }
    }
    return new Outcome(acknowledged, behind);
  }

  private boolean waiting(long sequence) {
    return gateways.states().stream()
        .anyMatch(gateway -> gateway.connected() && !serves(gateway, sequence));
  }

  /// A gateway without a snapshot accepts no requests.
  private static boolean serves(GatewayState gateway, long sequence) {
    return gateway.sequence() == 0 || gateway.sequence() >= sequence;
  }

  private static String why(GatewayState gateway, long sequence) {
    String state =
        gateway.connected()
            ? "connected, but still at snapshot " + gateway.sequence() + " of " + sequence
            : "no heartbeat since " + gateway.lastSeen().truncatedTo(ChronoUnit.SECONDS);
    return state + "; this lasts until the gateway reconnects or stops";
  }
}
