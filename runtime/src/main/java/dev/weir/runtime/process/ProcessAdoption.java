// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.lifecycle.LifecyclePhase;
import dev.weir.runtime.lifecycle.ProcessExit;
import dev.weir.runtime.lifecycle.ReplicaLifecycle;
import dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory;
import dev.weir.runtime.process.ProcessTable.Entry;
import dev.weir.runtime.process.ProcessTable.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Adopts a process that an earlier process of Weir started, and determines its lifecycle state.
///
/// @param record the record of the earlier process
/// @param process the process of the launch, if it still runs
/// @param began whether the engine may have run
/// @param rebooted whether the machine has rebooted since, which invalidates pids
record ProcessAdoption(
    LaunchRecord record, Optional<Identity> process, boolean began, boolean rebooted) {
  /// Additional grace for a stop in progress.
  private static final Duration GRACE = Duration.ofSeconds(10);

  static ProcessAdoption of(
      ProcessSnapshotCache processSnapshotCache, ReplicaFolder replicaFolder, LaunchRecord record) {
    boolean rebooted = !record.bootId().equals(processSnapshotCache.table().bootId());
    return new ProcessAdoption(
        record,
        rebooted ? Optional.empty() : find(processSnapshotCache, replicaFolder, record),
        replicaFolder.begun(record.launchId()),
        rebooted);
  }

  /// The process of the pid file if it still runs, otherwise the group leader with the launch id in
  /// its environment.
  private static Optional<Identity> find(
      ProcessSnapshotCache processSnapshotCache, ReplicaFolder replicaFolder, LaunchRecord record) {
    return replicaFolder
        .process(record.launchId())
        .map(Entry::identity)
        .filter(processSnapshotCache.table()::alive)
        .or(() -> {
          ProcessSnapshotCache.View view = processSnapshotCache.recent();
          return view.entries().stream()
              .filter(entry -> entry.group() == entry.pid() && !entry.zombie())
              .filter(entry -> view.marks(entry).launchId().equals(Optional.of(record.launchId())))
              .map(Entry::identity)
              .findFirst();
        });
  }

  /// The lifecycle state from which the replica continues.
  ReplicaLifecycle life(Instant now) {
    Memory memory = record.memory();
    if (memory.stopping()) {
      LifecyclePhase stop =
          new LifecyclePhase.Ending(new LifecyclePhase.Then.Stop(), now.plus(GRACE), false, false);
      return ReplicaLifecycle.recalled(memory, stop, "stopping", now);
    }
    if (memory.failure().isPresent()) {
      LifecyclePhase end =
          new LifecyclePhase.Ending(new LifecyclePhase.Then.GiveUp(), now, true, false);
      return ReplicaLifecycle.recalled(memory, end, memory.failure().get(), now);
    }
    if (memory.startDue()) {
      LifecyclePhase end =
          new LifecyclePhase.Ending(new LifecyclePhase.Then.StartAgain(), now, true, false);
      return ReplicaLifecycle.recalled(memory, end, "a start was due when Weir ended", now);
    }
    return process.isPresent() ? found(process.get(), now) : missing(now);
  }

  private ReplicaLifecycle found(Identity leader, Instant now) {
    String how = "adopted, pid " + leader.pid();
    // It was ready when it was last seen. Another state until the first probe would remove every
    // replica from routing whenever Weir restarts.
    LifecyclePhase phase =
        record.memory().answered()
            ? new LifecyclePhase.Ready(now, now, 0)
            : new LifecyclePhase.Starting(record.startedAt(), false, now);
    return ReplicaLifecycle.recalled(record.memory(), phase, how, now);
  }

  /// Counts a crash only if the process may have run.
  private ReplicaLifecycle missing(Instant now) {
    if (rebooted) {
      return ReplicaLifecycle.recalled(
          record.memory(), new LifecyclePhase.Pending(), "the machine was restarted", now);
    }
    return began
        ? ReplicaLifecycle.recalled(
            record.memory(),
            new LifecyclePhase.Starting(now, false, now),
            ProcessExit.unseen().describe(),
            now)
        : ReplicaLifecycle.recalled(
            record.memory(), new LifecyclePhase.Pending(), "Weir ended during its start", now);
  }
}
