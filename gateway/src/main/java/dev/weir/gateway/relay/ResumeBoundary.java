// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.answer.ResumeConstraints;
import java.util.List;

/// Searches for a stop string that starts before the seam of a continued answer and ends after it.
/// The continuing engine counts the earlier output as part of its prompt, so it cannot detect such
/// a stop string.
final class ResumeBoundary {
  /// Whether a stop string spans the seam.
  enum State {
    /// The text so far may continue a stop string.
    OPEN,
    /// No stop string can span the seam any more.
    CLEAR,
    STOPPED
  }

  private final List<String> stops;
  private final StringBuilder window;
  private final int seam;
  private State state;
  private String stop = "";
  private int stopEnd;

  /// @param textBefore all output before the seam
  ResumeBoundary(String textBefore, ResumeConstraints resumeConstraints) {
    this.stops = resumeConstraints.stops();
    String tail =
        textBefore.substring(Math.max(0, textBefore.length() - resumeConstraints.longestStart()));
    this.window = new StringBuilder(tail);
    this.seam = tail.length();
    this.state = isOpen() ? State.OPEN : State.CLEAR;
  }

  /// @param more the next text
  State append(String more) {
    if (state != State.OPEN) {
      return state;
    }
    window.append(more);
    if (isStopped()) {
      state = State.STOPPED;
    } else if (!isOpen()) {
      state = State.CLEAR;
    }
    return state;
  }

  /// The stop string that was found; empty before.
  String stop() {
    return stop;
  }

  /// The part of the stop string after the seam.
  String stopAfterSeam() {
    return stop.isEmpty() ? "" : window.substring(seam, stopEnd);
  }

  private boolean isStopped() {
    for (String candidate : stops) {
      int at = window.indexOf(candidate);
      if (at >= 0 && at < seam && at + candidate.length() > seam) {
        stop = candidate;
        stopEnd = at + candidate.length();
        return true;
      }
    }
    return false;
  }

  /// Whether a stop string that starts before the seam could still be completed.
  private boolean isOpen() {
    for (int start = 0; start < seam; start++) {
      String suffix = window.substring(start);
      for (String candidate : stops) {
        if (candidate.length() > suffix.length() && candidate.startsWith(suffix)) {
          return true;
        }
      }
    }
    return false;
  }
}
