// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.status.ReplicaState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The lifecycle state of a replica.
///
/// @param reason why it is in this phase, one line
/// @param since when it entered its state
/// @param answered whether its process has ever been ready
/// @param restarts crashes since the replica was created
/// @param crashes times of the crashes within the window
/// @param portConflicts consecutive starts that failed because their port was in use
public record ReplicaLifecycle(
    LifecyclePhase phase,
    String reason,
    Instant since,
    boolean answered,
    int restarts,
    List<Instant> crashes,
    int portConflicts) {
  public ReplicaLifecycle {
    crashes = List.copyOf(crashes);
  }

  /// A new replica.
  public static ReplicaLifecycle wanted(Instant now) {
    return new ReplicaLifecycle(
        new LifecyclePhase.Pending(), "wanted", now, false, 0, List.of(), 0);
  }

  /// A replica of an earlier process of Weir.
  public static ReplicaLifecycle recalled(
      Memory memory, LifecyclePhase phase, String reason, Instant now) {
    return new ReplicaLifecycle(
        phase, reason, now, memory.answered(), memory.restarts(), memory.crashes(), 0);
  }

  public ReplicaState state() {
    return phase.state();
  }

  /// The state that must survive a restart of Weir.
  public Memory memory() {
    boolean stopping = phase instanceof LifecyclePhase.Ending(LifecyclePhase.Then.Stop _, _, _, _);
    boolean failed = state() == ReplicaState.FAILED;
    return new Memory(
        answered,
        stopping,
        startDue(),
        failed ? Optional.of(reason) : Optional.empty(),
        restarts,
        crashes);
  }

  private boolean startDue() {
    return switch (phase) {
      case LifecyclePhase.Pending _, LifecyclePhase.BackOff _ -> true;
      case LifecyclePhase.Ending(LifecyclePhase.Then then, _, _, _) ->
          switch (then) {
            case LifecyclePhase.Then.StartAgain _, LifecyclePhase.Then.Wait _ -> true;
            case LifecyclePhase.Then.Stop _, LifecyclePhase.Then.GiveUp _ -> false;
          };
      case LifecyclePhase.Starting _,
          LifecyclePhase.Warming _,
          LifecyclePhase.Ready _,
          LifecyclePhase.Unready _,
          LifecyclePhase.Failed _,
          LifecyclePhase.Stopped _ ->
          false;
    };
  }

  ReplicaLifecycle to(LifecyclePhase next, String why, Instant now) {
    Instant entered = next.state() == state() ? since : now;
    return new ReplicaLifecycle(next, why, entered, answered, restarts, crashes, portConflicts);
  }

  ReplicaLifecycle withAnswered(boolean value) {
    return new ReplicaLifecycle(phase, reason, since, value, restarts, crashes, portConflicts);
  }

  ReplicaLifecycle withCrashes(int count, List<Instant> recent) {
    return new ReplicaLifecycle(phase, reason, since, answered, count, recent, portConflicts);
  }

  ReplicaLifecycle withPortConflicts(int count) {
    return new ReplicaLifecycle(phase, reason, since, answered, restarts, crashes, count);
  }

  /// @param answered whether its process has ever been ready
  /// @param stopping whether a stop was requested
  /// @param startDue whether its process has ended or is being stopped, and another is to follow;
  ///   the end of the process is then not an event
  /// @param failure why it is not retried; empty if it is not in phase `Failed`
  public record Memory(
      boolean answered,
      boolean stopping,
      boolean startDue,
      Optional<String> failure,
      int restarts,
      List<Instant> crashes) {
    public static final Memory NEW =
        new Memory(false, false, false, Optional.empty(), 0, List.of());

    public Memory {
      crashes = List.copyOf(crashes);
    }

    /// The memory after the next process has been started.
    public Memory started() {
      return new Memory(false, false, false, Optional.empty(), restarts, crashes);
    }
  }
}
