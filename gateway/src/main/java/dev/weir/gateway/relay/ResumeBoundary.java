// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.ResumeConstraints;
import java.util.List;

/// Looks for a stop string that began before the seam of a continued answer and ends after it. The
/// engine that speaks on takes what was said before for a part of its prompt, so it cannot see such
/// a one. Pure.
final class ResumeBoundary {
  /// Whether a stop string lies across the seam.
  enum Sight {
    /// What came so far may be the rest of one.
    OPEN,
    /// No longer possible; nothing needs to be looked at any more.
    CLEAR,
    STOPPED
  }

  private final List<String> stops;
  private final StringBuilder window;
  private final int seam;
  private Sight sight;
  private String stop = "";
  private int stopEnd;

  /// @param said everything before the seam
  ResumeBoundary(String said, ResumeConstraints resumeConstraints) {
    this.stops = resumeConstraints.stops();
    String tail = said.substring(Math.max(0, said.length() - resumeConstraints.longestStart()));
    this.window = new StringBuilder(tail);
    this.seam = tail.length();
    this.sight = isOpen() ? Sight.OPEN : Sight.CLEAR;
  }

  /// @param more the text that comes next
  Sight look(String more) {
    if (sight != Sight.OPEN) {
      return sight;
    }
    window.append(more);
    if (isStopped()) {
      sight = Sight.STOPPED;
    } else if (!isOpen()) {
      sight = Sight.CLEAR;
    }
    return sight;
  }

  /// The stop string found; empty before.
  String stop() {
    return stop;
  }

  /// What of the stop string came after the seam.
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

  /// Whether a stop string that begins before the seam could still become whole.
  private boolean isOpen() {
    for (int start = 0; start < seam; start++) {
      String begun = window.substring(start);
      for (String candidate : stops) {
        if (candidate.length() > begun.length() && candidate.startsWith(begun)) {
          return true;
        }
      }
    }
    return false;
  }
}
