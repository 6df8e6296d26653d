// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import java.time.Duration;

/// The intervals and limits of a replica's lifecycle.
///
/// @param startupProbe interval between probes of a starting replica
/// @param health interval between health calls of a ready replica
/// @param generation interval between generations of a ready replica
/// @param retry interval between probes after a failure
/// @param failuresToUnready consecutive failed probes that make a ready replica unready
/// @param warmUpLimit maximum duration of the warm-up
/// @param firstBackOff backoff after the first crash; doubles with each crash in the window
/// @param maxBackOff maximum backoff
/// @param crashWindow older crashes do not count
/// @param crashLoop number of crashes in the window that are a crash loop
/// @param liveness interval of checks whether a process that is not a child of Weir has ended
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
      throw new IllegalArgumentException("failuresToUnready and crashLoop must be 1 or more");
    }
  }
}
