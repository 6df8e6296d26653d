// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// An admitted request, until it ends. It ends once: the first of [#settle(long)] and [#cancel()]
/// counts, later ones are no-ops. Used on one event loop.
public final class Permit {
  private final List<AppliedLimit> claims;
  private final long reserved;
  private final LongSupplier nanoTime;
  private ConcurrencySlot concurrencySlot = ConcurrencySlot.FREE;
  private boolean waited;
  private boolean ended;

  Permit(List<AppliedLimit> claims, long reserved, LongSupplier nanoTime) {
    this.claims = List.copyOf(claims);
    this.reserved = reserved;
    this.nanoTime = nanoTime;
  }

  /// Sets the request's slot, which it holds until it ends.
  public void occupy(ConcurrencySlot slot) {
    concurrencySlot = slot;
  }

  /// Sets the request's slot after it waited in the queue.
  public void occupyAfterWaiting(ConcurrencySlot slot) {
    occupy(slot);
    waited = true;
  }

  /// Whether the request waited in the queue.
  public boolean waited() {
    return waited;
  }

  /// The first token of a streamed answer arrived.
  ///
  /// @param replica that sent it
  /// @param nanos since the request was sent
  public void firstToken(String replica, long nanos) {
    concurrencySlot.firstToken(replica, nanos);
  }

  /// A replica was given up because no first token arrived.
  ///
  /// @param nanos since the request was sent
  public void noFirstToken(String replica, long nanos) {
    concurrencySlot.noFirstToken(replica, nanos);
  }

  /// The request ended. Actual usage replaces the reservation; the difference is refunded or
  /// charged.
  ///
  /// @param tokens prompt and output together
  public void settle(long tokens) {
    if (!ended) {
      ended = true;
      claims.forEach(claim -> claim.meter().leave(claim.part(), tokens - reserved));
      concurrencySlot.leave();
    }
  }

  /// The request was not sent and does not count.
  public void cancel() {
    if (!ended) {
      ended = true;
      claims.forEach(claim -> claim.meter().undo(claim.part(), reserved));
      concurrencySlot.leave();
    }
  }

  /// Current `x-ratelimit-*` headers; empty if no limit applies.
  public Map<String, String> headers() {
    return RateHeaders.of(claims, nanoTime.getAsLong());
  }
}
