// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import java.time.Duration;

/// The periods and limits of a replica's life.
///
/// @param startupProbe between two probes of a replica that starts
/// @param health between two cheap probes of a ready replica
/// @param generation between two real generations of a ready replica
/// @param retry between two probes after one failed
/// @param failuresToUnready consecutive failed probes that make a ready replica unready
/// @param warmUpLimit warm-up takes no longer than this
/// @param firstBackOff before the start after the first crash; doubles with each in the window
/// @param maxBackOff the longest wait before a start
/// @param crashWindow crashes further back than this are forgotten
/// @param crashLoop so many crashes in the window are a crash loop
/// @param liveness how soon the end of a process that is no child of Weir is noticed
public record LifecycleTiming(
    Duration startupProbe,
    Duration health,
    Duration generation,
    Duration retry,
    int failuresToUnready,
    Duration warmUpLimit,
    Duration firstBackOff,
    Duration maxBackOff,
    Duration crashWindow,
    int crashLoop,
    Duration liveness) {
  public static final LifecycleTiming DEFAULT =
      new LifecycleTiming(
          Duration.ofMillis(250),
          Duration.ofSeconds(2),
          Duration.ofSeconds(60),
          Duration.ofSeconds(1),
          3,
          Duration.ofSeconds(60),
          Duration.ofSeconds(1),
          Duration.ofSeconds(60),
          Duration.ofMinutes(10),
          3,
          Duration.ofMillis(500));

  public LifecycleTiming {
    if (failuresToUnready < 1 || crashLoop < 1) {
      throw new IllegalArgumentException("failuresToUnready and crashLoop are 1 or more");
    }
  }
}
