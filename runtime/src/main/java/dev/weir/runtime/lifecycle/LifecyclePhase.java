// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.status.ReplicaState;
import java.time.Duration;
import java.time.Instant;

/// A phase of a replica's lifecycle, with its data.
public sealed interface LifecyclePhase {
  ReplicaState state();

  /// Whether a process should be running, so that its end is an event.
  boolean running();

  /// The replica is to be started.
  record Pending() implements LifecyclePhase {
    @Override
    public ReplicaState state() {
      return ReplicaState.PENDING;
    }

    @Override
    public boolean running() {
      return false;
    }
  }

  /// @param healthy whether the health path succeeded; if so, a generation is next
  record Starting(Instant startedAt, boolean healthy, Instant nextProbe) implements LifecyclePhase {
    @Override
    public ReplicaState state() {
      return ReplicaState.STARTING;
    }

    @Override
    public boolean running() {
      return true;
    }
  }

  /// @param until end of the warm-up, even if it is incomplete
  /// @param done completed warm-up requests
  record Warming(Instant until, int done, int failures, Instant nextProbe)
      implements LifecyclePhase {
    @Override
    public ReplicaState state() {
      return ReplicaState.WARMING;
    }

    @Override
    public boolean running() {
      return true;
    }
  }

  /// @param failures consecutive failed probes
  record Ready(Instant nextHealth, Instant nextGeneration, int failures) implements LifecyclePhase {
    @Override
    public ReplicaState state() {
      return ReplicaState.READY;
    }

    @Override
    public boolean running() {
      return true;
    }
  }

  record Unready(Instant nextProbe) implements LifecyclePhase {
    @Override
    public ReplicaState state() {
      return ReplicaState.UNREADY;
    }

    @Override
    public boolean running() {
      return true;
    }
  }

  record BackOff(Instant until) implements LifecyclePhase {
    @Override
    public ReplicaState state() {
      return ReplicaState.BACK_OFF;
    }

    @Override
    public boolean running() {
      return false;
    }
  }

  /// Its remaining processes are being stopped.
  ///
  /// @param then the next step
  /// @param killAt when SIGTERM escalates to SIGKILL
  record Ending(Then then, Instant killAt, boolean asked, boolean killed)
      implements LifecyclePhase {
    @Override
    public ReplicaState state() {
      return switch (then) {
        case Then.Stop _ -> ReplicaState.STOPPING;
        case Then.StartAgain _ -> ReplicaState.PENDING;
        case Then.Wait _ -> ReplicaState.BACK_OFF;
        case Then.GiveUp _ -> ReplicaState.FAILED;
      };
    }

    @Override
    public boolean running() {
      return false;
    }
  }

  /// Not retried until it is stopped or restarted.
  record Failed() implements LifecyclePhase {
    @Override
    public ReplicaState state() {
      return ReplicaState.FAILED;
    }

    @Override
    public boolean running() {
      return false;
    }
  }

  /// All its processes have ended and its record is removed.
  record Stopped() implements LifecyclePhase {
    @Override
    public ReplicaState state() {
      return ReplicaState.STOPPED;
    }

    @Override
    public boolean running() {
      return false;
    }
  }

  /// The next step when all of a replica's processes have ended.
  sealed interface Then {
    record Stop() implements Then {}

    record StartAgain() implements Then {}

    record Wait(Duration backOff) implements Then {}

    record GiveUp() implements Then {}
  }
}
