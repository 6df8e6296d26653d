// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import java.util.Optional;

/// Cuts the first answer to one marked request, at whichever engine it arrives. A second identical
/// request gets the whole answer.
public final class StreamCutter {
  private Optional<Cut> next = Optional.empty();
  private int asked;
  private long longestSilenceNanos;

  public synchronized void arm(Cut cut) {
    next = Optional.of(cut);
    asked = 0;
    longestSilenceNanos = 0;
  }

  /// How often the marked request, or one to go on with its answer, came to an engine.
  public synchronized int asked() {
    return asked;
  }

  /// How long an engine said nothing whose answer to the marked request was not cut.
  public synchronized long longestSilenceNanos() {
    return longestSilenceNanos;
  }

  synchronized void silent(long nanos) {
    longestSilenceNanos = Math.max(longestSilenceNanos, nanos);
  }

  /// @return how the answer to this request is to be cut
  synchronized Optional<Cut> asked(String request) {
    boolean marked = next.filter(cut -> request.contains(cut.mark())).isPresent();
    return marked && ++asked == 1 ? next : Optional.empty();
  }

  /// Whether it is the one in question.
  synchronized boolean marks(String request) {
    return next.filter(cut -> request.contains(cut.mark())).isPresent();
  }
}
