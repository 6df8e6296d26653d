// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// A request that was let in, until it ends. Ends once: the first of [#settle(long)] and
/// [#giveBack()] counts, later ones are no-ops. Used on one event loop.
public final class Permit {
  private final List<Claim> claims;
  private final long reserved;
  private final LongSupplier nanoTime;
  private Seat seat = Seat.FREE;
  private boolean waited;
  private boolean ended;

  Permit(List<Claim> claims, long reserved, LongSupplier nanoTime) {
    this.claims = List.copyOf(claims);
    this.reserved = reserved;
    this.nanoTime = nanoTime;
  }

  /// The request has a place among those that run, until it ends.
  public void sit(Seat place) {
    seat = place;
  }

  /// The request has a place for which it had to wait.
  public void sitAfterWaiting(Seat place) {
    sit(place);
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
    seat.firstToken(replica, nanos);
  }

  /// A replica was given up because no first token had come.
  ///
  /// @param nanos that it was waited for
  public void noFirstToken(String replica, long nanos) {
    seat.noFirstToken(replica, nanos);
  }

  /// The request ended; what it used replaces what was reserved: the rest flows back, more is owed.
  ///
  /// @param tokens prompt and output together
  public void settle(long tokens) {
    if (!ended) {
      ended = true;
      claims.forEach(claim -> claim.meter().leave(claim.part(), tokens - reserved));
      seat.leave();
    }
  }

  /// The request did not go on its way: it counts for nothing.
  public void giveBack() {
    if (!ended) {
      ended = true;
      claims.forEach(claim -> claim.meter().undo(claim.part(), reserved));
      seat.leave();
    }
  }

  /// `x-ratelimit-*` as of now; empty where no limit applies.
  public Map<String, String> headers() {
    return RateHeaders.of(claims, nanoTime.getAsLong());
  }
}
