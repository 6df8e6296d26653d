// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.gateway.exchange.load.DrainEstimator;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// The usage of one key, one tenant at a service, or one service at this gateway. Shared by all
/// event loops without blocking.
final class UsageMeter {
  private static final int RETIRED = -1;

  private final TokenBucket requests;
  private final TokenBucket tokens;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final DrainEstimator drainEstimator;

  UsageMeter(LongSupplier nanoTime) {
    long nowNanos = nanoTime.getAsLong();
    this.requests = new TokenBucket(nowNanos);
    this.tokens = new TokenBucket(nowNanos);
    this.drainEstimator = new DrainEstimator(nanoTime);
  }

  /// The result of charging a request.
  sealed interface Entry {
    record In() implements Entry {}

    /// @param waitNanos until a retry may succeed
    record Exhausted(LimitKind what, long waitNanos) implements Entry {}

    /// The meter was just swept: get a new one.
    record Retired() implements Entry {}
  }

  /// Charges all limits or none.
  ///
  /// @param part this gateway's part of the limits
  Entry enter(Limits part, long nowNanos, long tokenCount) {
    int running = inFlight.get();
    while (running != RETIRED && !(part.maxInFlight() > 0 && running >= part.maxInFlight())) {
      if (inFlight.compareAndSet(running, running + 1)) {
        return take(part, nowNanos, tokenCount);
      }
      running = inFlight.get();
    }
    if (running == RETIRED) {
      return new Entry.Retired();
    }
    drainEstimator.refused(1);
    return new Entry.Exhausted(LimitKind.CONCURRENCY, drainEstimator.nanosUntilRoom());
  }

  private Entry take(Limits part, long nowNanos, long tokenCount) {
    long wait = requests.take(nowNanos, requestCost(part));
    if (wait > 0) {
      inFlight.decrementAndGet();
      return new Entry.Exhausted(LimitKind.REQUESTS, wait);
    }
    wait = tokens.take(nowNanos, tokenCost(part, tokenCount));
    if (wait > 0) {
      requests.correct(-requestCost(part));
      inFlight.decrementAndGet();
      return new Entry.Exhausted(LimitKind.TOKENS, wait);
    }
    return new Entry.In();
  }

  /// The request was never sent and does not count.
  void undo(Limits part, long tokenCount) {
    requests.correct(-requestCost(part));
    tokens.correct(-tokenCost(part, tokenCount));
    inFlight.decrementAndGet();
  }

  /// The request ended.
  ///
  /// @param more tokens than reserved, below 0 for fewer
  void leave(Limits part, long more) {
    tokens.correct(tokenCost(part, more));
    inFlight.decrementAndGet();
    drainEstimator.left(1);
  }

  private static long requestCost(Limits part) {
    return part.requestsPerMinute() == 0 ? 0 : TokenBucket.cost(1, part.requestsPerMinute());
  }

  private static long tokenCost(Limits part, long count) {
    return part.tokensPerMinute() == 0 ? 0 : TokenBucket.cost(count, part.tokensPerMinute());
  }

  long missingRequestsNanos(long nowNanos) {
    return requests.missingNanos(nowNanos);
  }

  long missingTokensNanos(long nowNanos) {
    return tokens.missingNanos(nowNanos);
  }

  int inFlight() {
    return Math.max(0, inFlight.get());
  }

  /// Retires a meter that equals a new one.
  ///
  /// @return whether it may be removed
  boolean retire(long nowNanos) {
    return requests.missingNanos(nowNanos) == 0
        && tokens.missingNanos(nowNanos) == 0
        && inFlight.compareAndSet(0, RETIRED);
  }
}
