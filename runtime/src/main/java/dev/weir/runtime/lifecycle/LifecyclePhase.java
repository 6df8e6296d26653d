// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.ReplicaState;
import java.time.Duration;
import java.time.Instant;

/// Where a replica is in its life, with what that place needs to know.
public sealed interface LifecyclePhase {
  ReplicaState state();

  /// Whether a process should be running, whose end would be news.
  boolean running();

  /// To be started.
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

  /// @param healthy whether the health path said so: then a generation is tried
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

  /// @param until warm-up is over then, however far it came
  /// @param done answered warm-up requests
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

  /// Its processes, if there are any left, are being ended.
  ///
  /// @param then what follows
  /// @param killAt when asking (SIGTERM) turns into killing (SIGKILL)
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

  /// Given up until it is stopped or restarted.
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

  /// Gone, and nothing is left of it.
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

  /// What follows when all of a replica's processes are gone.
  sealed interface Then {
    record Stop() implements Then {}

    record StartAgain() implements Then {}

    record Wait(Duration backOff) implements Then {}

    record GiveUp() implements Then {}
  }
}
