// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.lifecycle.Exit;
import dev.weir.runtime.lifecycle.Life;
import dev.weir.runtime.lifecycle.Life.Memory;
import dev.weir.runtime.lifecycle.Phase;
import dev.weir.runtime.process.ProcessTable.Entry;
import dev.weir.runtime.process.ProcessTable.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Finds again what an earlier process of Weir started, and says where its life stands.
///
/// @param record what that one wrote down
/// @param process the process of its launch, if it still runs
/// @param began whether the launch came so far that the engine may have run
/// @param rebooted whether the machine was restarted since: then its pids mean nothing
record Adoption(LaunchRecord record, Optional<Identity> process, boolean began, boolean rebooted) {
  /// A stop that was under way is given this much longer.
  private static final Duration GRACE = Duration.ofSeconds(10);

  static Adoption of(Census census, Records records, LaunchRecord record) {
    boolean rebooted = !record.bootId().equals(census.table().bootId());
    return new Adoption(
        record,
        rebooted ? Optional.empty() : find(census, records, record),
        records.begun(record.launchId()),
        rebooted);
  }

  /// The one that wrote its pid file, if it still runs, else the one that leads a group and has the
  /// launch id in its environment.
  private static Optional<Identity> find(Census census, Records records, LaunchRecord record) {
    return records
        .process(record.launchId())
        .map(Entry::identity)
        .filter(census.table()::alive)
        .or(() -> {
          Census.View view = census.recent();
          return view.entries().stream()
              .filter(entry -> entry.group() == entry.pid() && !entry.zombie())
              .filter(entry -> view.marks(entry).launchId().equals(Optional.of(record.launchId())))
              .map(Entry::identity)
              .findFirst();
        });
  }

  /// Where the life of the replica goes on.
  Life life(Instant now) {
    Memory memory = record.memory();
    if (memory.stopping()) {
      Phase stop = new Phase.Ending(new Phase.Then.Stop(), now.plus(GRACE), false, false);
      return Life.recalled(memory, stop, "stopping", now);
    }
    if (memory.failure().isPresent()) {
      Phase end = new Phase.Ending(new Phase.Then.GiveUp(), now, true, false);
      return Life.recalled(memory, end, memory.failure().get(), now);
    }
    if (memory.startDue()) {
      Phase end = new Phase.Ending(new Phase.Then.StartAgain(), now, true, false);
      return Life.recalled(memory, end, "a new start was due when Weir ended", now);
    }
    return process.isPresent() ? found(process.get(), now) : missing(now);
  }

  private Life found(Identity leader, Instant now) {
    String how = "adopted, pid " + leader.pid();
    // It was ready when it was last seen. Saying otherwise for the blink of an eye until the first
    // probe would take every replica out of routing whenever Weir restarts.
    Phase phase =
        record.memory().answered()
            ? new Phase.Ready(now, now, 0)
            : new Phase.Starting(record.startedAt(), false, now);
    return Life.recalled(record.memory(), phase, how, now);
  }

  /// An end counts only if there was a process that could end.
  private Life missing(Instant now) {
    if (rebooted) {
      return Life.recalled(record.memory(), new Phase.Pending(), "the machine was restarted", now);
    }
    return began
        ? Life.recalled(
            record.memory(), new Phase.Starting(now, false, now), Exit.unseen().describe(), now)
        : Life.recalled(record.memory(), new Phase.Pending(), "Weir ended during its start", now);
  }
}
