// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.ReplicaState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// All that is known of a replica's lifecycle.
///
/// @param reason why it is where it is, one line
/// @param since when it entered its state
/// @param answered whether its process has ever been ready
/// @param restarts unplanned ends since it was first wanted
/// @param crashes when it crashed within the window
/// @param portConflicts consecutive starts that found their port taken
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

  /// A replica that was just asked for.
  public static ReplicaLifecycle wanted(Instant now) {
    return new ReplicaLifecycle(
        new LifecyclePhase.Pending(), "wanted", now, false, 0, List.of(), 0);
  }

  /// A replica as an earlier process of Weir left it.
  public static ReplicaLifecycle recalled(
      Memory memory, LifecyclePhase phase, String reason, Instant now) {
    return new ReplicaLifecycle(
        phase, reason, now, memory.answered(), memory.restarts(), memory.crashes(), 0);
  }

  public ReplicaState state() {
    return phase.state();
  }

  /// What must outlive Weir.
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
  /// @param stopping it was told to stop
  /// @param startDue its process has ended, or is to end, and another is to follow: an end of it is
  ///   no news
  /// @param failure why it was given up, when it was
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

    /// As it is when the next process has been started.
    public Memory started() {
      return new Memory(false, false, false, Optional.empty(), restarts, crashes);
    }
  }
}
