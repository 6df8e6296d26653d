// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal.traffic;

import dev.weir.simulator.player.PlayerHandle;
import dev.weir.simulator.player.PlayerReport;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Plays traffic until its duration has passed or a stop is requested, and reports its state every
/// ten seconds.
public final class TrafficRun {
  private static final long STATUS_NANOS = Duration.ofSeconds(10).toNanos();

  private final StopSignal stop;
  private final LongSupplier nanoTime;
  private final Consumer<String> status;

  /// @param status receives one line every ten seconds
  public TrafficRun(StopSignal stop, LongSupplier nanoTime, Consumer<String> status) {
    this.stop = stop;
    this.nanoTime = nanoTime;
    this.status = status;
  }

  /// Returns when no request is in flight any more.
  ///
  /// @param player already plays; is stopped on return
  public PlayerReport play(PlayerHandle player, Duration duration) throws InterruptedException {
    try (player) {
      long end = nanoTime.getAsLong() + duration.toNanos();
      while (!stopRequested(end) && nanoTime.getAsLong() < end) {
        status.accept(TrafficText.status(player.snapshot()));
      }
      return player.stop();
    }
  }

  /// Waits until the next status is due or the end.
  private boolean stopRequested(long endNanos) throws InterruptedException {
    long wait = Math.clamp(endNanos - nanoTime.getAsLong(), 0, STATUS_NANOS);
    return stop.requestedWithin(Duration.ofNanos(wait));
  }
}
