// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.ReplicaState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// All that is known of a replica's course.
///
/// @param reason why it is where it is, one line
/// @param since when it entered its state
/// @param answered whether its process has ever been ready
/// @param restarts unplanned ends since it was first wanted
/// @param crashes when it crashed within the window
/// @param portConflicts consecutive starts that found their port taken
public record Life(
    Phase phase,
    String reason,
    Instant since,
    boolean answered,
    int restarts,
    List<Instant> crashes,
    int portConflicts) {
  public Life {
    crashes = List.copyOf(crashes);
  }

  /// A replica that was just asked for.
  public static Life wanted(Instant now) {
    return new Life(new Phase.Pending(), "wanted", now, false, 0, List.of(), 0);
  }

  /// A replica as an earlier process of Weir left it.
  public static Life recalled(Memory memory, Phase phase, String reason, Instant now) {
    return new Life(phase, reason, now, memory.answered(), memory.restarts(), memory.crashes(), 0);
  }

  public ReplicaState state() {
    return phase.state();
  }

  /// What must outlive Weir.
  public Memory memory() {
    boolean stopping = phase instanceof Phase.Ending(Phase.Then.Stop _, _, _, _);
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
      case Phase.Pending _, Phase.BackOff _ -> true;
      case Phase.Ending(Phase.Then then, _, _, _) ->
          switch (then) {
            case Phase.Then.StartAgain _, Phase.Then.Wait _ -> true;
            case Phase.Then.Stop _, Phase.Then.GiveUp _ -> false;
          };
      case Phase.Starting _,
          Phase.Warming _,
          Phase.Ready _,
          Phase.Unready _,
          Phase.Failed _,
          Phase.Stopped _ ->
          false;
    };
  }

  Life to(Phase next, String why, Instant now) {
    Instant entered = next.state() == state() ? since : now;
    return new Life(next, why, entered, answered, restarts, crashes, portConflicts);
  }

  Life withAnswered(boolean value) {
    return new Life(phase, reason, since, value, restarts, crashes, portConflicts);
  }

  Life withCrashes(int count, List<Instant> recent) {
    return new Life(phase, reason, since, answered, count, recent, portConflicts);
  }

  Life withPortConflicts(int count) {
    return new Life(phase, reason, since, answered, restarts, crashes, count);
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
