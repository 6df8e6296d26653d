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
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Finds again what an earlier process of Weir started, and says where its life stands.
final class Adoption {
  /// A stop that was under way is given this much longer.
  private static final Duration GRACE = Duration.ofSeconds(10);

  private Adoption() {}

  /// The process of a launch: the one that wrote its pid file, if it still runs, else the one that
  /// leads a group and has the launch id in its environment.
  static Optional<Identity> find(Records records, LaunchRecord record) {
    if (!record.bootId().equals(ProcessTable.bootId())) {
      return Optional.empty();
    }
    return records
        .process(record.launchId())
        .map(Entry::identity)
        .filter(ProcessTable::alive)
        .or(() ->
            marked(record).stream()
                .filter(entry -> entry.group() == entry.identity().pid())
                .map(Entry::identity)
                .findFirst());
  }

  /// All processes that certainly belong to a launch. Without a living leader only the launch id in
  /// their environment shows that; a pid alone might be somebody else's by now.
  static List<Entry> members(Records records, LaunchRecord record) {
    return find(records, record)
        .map(leader -> ProcessTable.group(leader.pid()))
        .orElseGet(() -> marked(record));
  }

  private static List<Entry> marked(LaunchRecord record) {
    return ProcessTable.withVariable(ChildEnvironment.LAUNCH_ID, record.launchId()).stream()
        .filter(entry -> entry.group() > 1)
        .toList();
  }

  /// Where the life of a recorded replica goes on.
  static Life life(LaunchRecord record, Optional<Identity> process, Instant now) {
    Memory memory = record.memory();
    if (memory.stopping()) {
      return Life.recalled(
          memory,
          new Phase.Ending(new Phase.Then.Stop(), now.plus(GRACE), false, false),
          "stopping",
          now);
    }
    if (memory.failure().isPresent()) {
      return Life.recalled(
          memory,
          new Phase.Ending(new Phase.Then.GiveUp(), now, true, false),
          memory.failure().get(),
          now);
    }
    if (process.isPresent()) {
      String how = "adopted, pid " + process.get().pid();
      // It was ready when it was last seen. Saying otherwise for the blink of an eye until the
      // first
      // probe would take every replica out of routing whenever Weir restarts.
      return memory.answered()
          ? Life.recalled(memory, new Phase.Ready(now, now, 0), how, now)
          : Life.recalled(memory, new Phase.Starting(record.startedAt(), false, now), how, now);
    }
    boolean rebooted = !record.bootId().equals(ProcessTable.bootId());
    return rebooted
        ? Life.recalled(memory, new Phase.Pending(), "the machine was restarted", now)
        : Life.recalled(memory, new Phase.Starting(now, false, now), unseen().describe(), now);
  }

  private static Exit unseen() {
    return new Exit(OptionalInt.empty(), false, "it ended while Weir was away");
  }
}
