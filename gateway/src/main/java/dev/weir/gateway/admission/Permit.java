// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// A request that was let in, until it ends. Ends once: the first of [#settle(long)] and
/// [#cancel()] counts, later ones are no-ops. Used on one event loop.
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

  /// The request has a place among those that run, until it ends.
  public void occupy(ConcurrencySlot place) {
    concurrencySlot = place;
  }

  /// The request has a place for which it had to wait.
  public void occupyAfterWaiting(ConcurrencySlot place) {
    occupy(place);
    waited = true;
  }

  /// Whether there was no place at once.
  public boolean waited() {
    return waited;
  }

  /// The first token of a streamed answer came.
  ///
  /// @param replica that it came from
  /// @param nanos after the request went on its way
  public void firstToken(String replica, long nanos) {
    concurrencySlot.firstToken(replica, nanos);
  }

  /// A replica was given up because no first token had come.
  ///
  /// @param nanos that it was waited for
  public void noFirstToken(String replica, long nanos) {
    concurrencySlot.noFirstToken(replica, nanos);
  }

  /// The request ended; what it used replaces what was reserved: the rest flows back, more is owed.
  ///
  /// @param tokens prompt and output together
  public void settle(long tokens) {
    if (!ended) {
      ended = true;
      claims.forEach(claim -> claim.meter().leave(claim.part(), tokens - reserved));
      concurrencySlot.leave();
    }
  }

  /// The request was not sent: it does not count.
  public void cancel() {
    if (!ended) {
      ended = true;
      claims.forEach(claim -> claim.meter().undo(claim.part(), reserved));
      concurrencySlot.leave();
    }
  }

  /// `x-ratelimit-*` as of now; empty where no limit applies.
  public Map<String, String> headers() {
    return RateHeaders.of(claims, nanoTime.getAsLong());
  }
}
