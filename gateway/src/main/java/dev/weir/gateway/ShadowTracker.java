// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.Bulkhead;
import dev.weir.gateway.admission.Bulkheads;
import dev.weir.gateway.exchange.AttemptResult;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Counts the shadow requests of one gateway: how many are in flight, and their results. Shared by
/// all event loops. Copies above a limit are dropped without waiting.
///
/// The decision to drop a copy uses only what is known before its request is sent, so that dropping
/// does not bias the sample.
final class ShadowTracker {
  /// Copies in flight for one service.
  static final int MAX_OF_SERVICE = 64;

  /// Copies in flight for all services.
  static final int MAX = 128;

  /// Larger bodies are not copied: the copy would occupy memory after its client's request has
  /// ended.
  static final int MAX_BODY = 1024 * 1024;

  static final String ANSWERED = "answered";
  static final String FAILED = "failed";
  static final String CANCELLED = "cancelled";
  static final String DROPPED = "dropped";

  private final Bulkheads services;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  ShadowTracker(LongSupplier nanoTime) {
    this.services = new Bulkheads(nanoTime);
  }

  /// @param service id of the service
  /// @param bodyBytes of the request
  ///
  /// @return whether a slot is taken; [#left] releases it
  boolean enter(String service, int bodyBytes) {
    boolean admitted = bodyBytes <= MAX_BODY && enter(services.of(service));
    if (!admitted) {
      dropped.increment();
    }
    return admitted;
  }

  private boolean enter(Bulkhead ofService) {
    if (!ofService.enter(MAX_OF_SERVICE)) {
      return false;
    }
    if (inFlight.incrementAndGet() <= MAX) {
      return true;
    }
    inFlight.decrementAndGet();
    ofService.leave();
    return false;
  }

  /// @return the result
  String left(String service, AttemptResult ending) {
    inFlight.decrementAndGet();
    services.of(service).leave();
    return switch (ending) {
      case AttemptResult.Complete(int status, var despite)
          when status / 100 == 2 && despite.isEmpty() -> {
        answered.increment();
        yield ANSWERED;
      }
      case AttemptResult.Cancelled _ -> {
        cancelled.increment();
        yield CANCELLED;
      }
      default -> {
        failed.increment();
        yield FAILED;
      }
    };
  }

  int inFlight() {
    return inFlight.get();
  }

  /// Counts since the start: `answered`, `failed`, `cancelled`, `dropped`.
  Map<String, LongSupplier> counts() {
    return Map.of(
        ANSWERED,
        answered::sum,
        FAILED,
        failed::sum,
        CANCELLED,
        cancelled::sum,
        DROPPED,
        dropped::sum);
  }

  /// Forgets services that left the snapshot and have no requests in flight.
  void sweep(Predicate<String> present) {
    services.sweep(present);
  }
}
