// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.engine.OneLine;
import dev.weir.runtime.lifecycle.LifecycleEvent;
import dev.weir.runtime.lifecycle.ProcessExit;
import dev.weir.runtime.lifecycle.ReplicaHost;
import dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory;
import dev.weir.runtime.process.ProcessTable.Entry;
import dev.weir.runtime.process.ProcessTable.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The processes of one replica.
final class ProcessHost implements ReplicaHost {
  /// The address on which children listen.
  static final String ADDRESS = "127.0.0.1";

  private static final int MAX_NAMED = 4;
  private static final int MAX_NAME = 15;

  private static final Logger LOG = LoggerFactory.getLogger(ProcessHost.class);

  private final ReplicaIntent intent;
  private final ProcessProviderOptions options;
  private final List<String> allowedCommands;
  private final Ports ports;
  private final ProcessSnapshotCache processSnapshotCache;
  private final ReplicaFolder replicaFolder;
  private final ProcessGroup processGroup;
  private final EngineLog log;

  private @Nullable LaunchRecord record;
  private @Nullable Process child;
  private @Nullable Identity leader;
  private long killsAtStart;

  /// Members that were found during the stop; some may lose their marks.
  private final Set<Identity> known = new HashSet<>();

  /// Time of the last snapshot without members; -1 if members were found.
  private long emptyNanos = -1;

  private String remains = "";

  ProcessHost(
      ReplicaIntent intent,
      ProcessProviderOptions options,
      List<String> allowedCommands,
      Ports ports,
      ProcessSnapshotCache processSnapshotCache,
      ReplicaFolder replicaFolder) {
    this.intent = intent;
    this.options = options;
    this.allowedCommands = allowedCommands;
    this.ports = ports;
    this.processSnapshotCache = processSnapshotCache;
    this.replicaFolder = replicaFolder;
    this.processGroup = new ProcessGroup(replicaFolder);
    this.log = new EngineLog(replicaFolder.log(), options.maxLogBytes());
  }

  /// Adopts the record of an earlier process of Weir, and its process if it still runs.
  void adopt(LaunchRecord found, Optional<Identity> process) {
    record = found;
    leader = process.orElse(null);
    killsAtStart = MemoryPressure.kills();
    if (process.isPresent()) {
      ports.keep(found.port());
    }
  }

  @Override
  public LifecycleEvent start(Memory memory) {
    pass(LaunchPoint.START_DUE);
    try {
      LaunchRecord launch = renew(memory);
      // With the fence in place, new processes of older launches end by themselves, and earlier
      // ones are visible.
      ProcessSnapshotCache.View view = processSnapshotCache.now();
      List<Entry> leftovers = processGroup.of(view, Optional.empty(), Set.of());
      if (!leftovers.isEmpty()) {
        Launcher.signal(view, leftovers, options.table(), true);
        return new LifecycleEvent.LeftoversFound(
            "killing processes of an earlier start: " + names(leftovers));
      }
      replicaFolder.forgetOthers(launch.launchId());
      pass(LaunchPoint.SPAWN_DUE);
      return switch (EngineCommand.of(intent, options, allowedCommands, launch.port())) {
        case EngineCommand.Refused refused ->
            new LifecycleEvent.StartFailed(refused.reason(), true);
        case EngineCommand.Allowed command -> spawn(command.argv(), launch);
      };
    } catch (UncheckedIOException e) {
      return new LifecycleEvent.StartHindered(e.getMessage() + " (" + e.getCause() + ")");
    }
  }

  /// Records a new launch on disk and fences the previous one.
  private LaunchRecord renew(Memory memory) {
    if (record != null) {
      ports.release(record.port());
    }
    LaunchRecord launch =
        new LaunchRecord(
            intent,
            UUID.randomUUID().toString(),
            options.table().bootId(),
            ports.take(),
            options.clock().instant().truncatedTo(ChronoUnit.MILLIS),
            memory.started());
    record = launch;
    replicaFolder.write(launch);
    pass(LaunchPoint.RECORDED);
    replicaFolder.fence(launch.launchId());
    pass(LaunchPoint.FENCED);
    return launch;
  }

  private LifecycleEvent spawn(List<String> argv, LaunchRecord launch) {
    return switch (ChildEnvironment.of(
        intent.engine().env(), options.environment(), launch.launchId(), replicaFolder.folder())) {
      case ChildEnvironment.Unresolved unresolved ->
          new LifecycleEvent.StartFailed(unresolved.reason(), true);
      case ChildEnvironment.Resolved environment -> {
        log.mark(launch.launchId(), launch.startedAt());
        killsAtStart = MemoryPressure.kills();
        try {
          Process started =
              Launcher.spawn(
                  argv, environment.variables(), replicaFolder, launch.launchId(), log.file());
          child = started;
          leader =
              options
                  .table()
                  .find(started.pid())
                  .map(Entry::identity)
                  .orElse(new Identity(started.pid(), -1));
          pass(LaunchPoint.SPAWNED);
          yield new LifecycleEvent.Started(
              "started, pid " + started.pid() + ", port " + launch.port() + "; not responding yet");
        } catch (IOException e) {
          yield new LifecycleEvent.StartFailed("cannot start: " + e.getMessage(), false);
        }
      }
    };
  }

  private void pass(LaunchPoint point) {
    options.points().pass(point, intent.name());
  }

  @Override
  public Optional<ProcessExit> exit() {
    if (child != null) {
      return child.isAlive()
          ? Optional.empty()
          : Optional.of(exit(OptionalInt.of(child.exitValue())));
    }
    return leader != null && options.table().alive(leader)
        ? Optional.empty()
        : Optional.of(exit(OptionalInt.empty()));
  }

  private ProcessExit exit(OptionalInt code) {
    boolean leftRunning = !members(processSnapshotCache.now()).isEmpty();
    boolean inUseInLog = log.tail().toLowerCase(Locale.ROOT).contains("address already in use");
    boolean taken = !leftRunning && record != null && !Ports.free(record.port());
    return new ProcessExit(
        code,
        inUseInLog || taken,
        MemoryPressure.kills() > killsAtStart,
        leftRunning,
        log.lastWords());
  }

  @Override
  public void signal(boolean kill) {
    ProcessSnapshotCache.View view = processSnapshotCache.now();
    List<Entry> members = members(view);
    members.forEach(member -> known.add(member.identity()));
    Launcher.signal(view, members, options.table(), kill);
    pass(LaunchPoint.SIGNALLED);
  }

  /// Forgets the process when all members have ended, because its pid may then be reused. A
  /// snapshot can miss a process that forks meanwhile, so this requires two empty snapshots.
  @Override
  public boolean gone() {
    ProcessSnapshotCache.View view = processSnapshotCache.recent();
    List<Entry> members = members(view);
    remains = members.isEmpty() ? "" : names(members);
    if (!members.isEmpty()) {
      emptyNanos = -1;
      return false;
    }
    if (emptyNanos == -1 || emptyNanos == view.takenNanos()) {
      emptyNanos = view.takenNanos();
      return false;
    }
    emptyNanos = -1;
    leader = null;
    child = null;
    known.clear();
    pass(LaunchPoint.GONE);
    return true;
  }

  @Override
  public String remains() {
    return remains;
  }

  private List<Entry> members(ProcessSnapshotCache.View view) {
    return processGroup.of(view, Optional.ofNullable(leader), known);
  }

  /// The first members: `pid 12 (python3), pid 14 (python3, uninterruptible)`.
  private static String names(List<Entry> members) {
    String some =
        members.stream()
            .limit(MAX_NAMED)
            .map(member ->
                "pid "
                    + member.pid()
                    + " ("
                    + OneLine.of(member.name(), MAX_NAME)
                    + (member.state() == 'D' ? ", uninterruptible)" : ")"))
            .collect(Collectors.joining(", "));
    int more = members.size() - MAX_NAMED;
    return more > 0 ? some + " and " + more + " more" : some;
  }

  /// A full disk must not prevent a stop. The state is lost only if Weir crashes too, and the owner
  /// then requests it again.
  @Override
  public void saveState(Memory memory) {
    if (record == null || record.memory().equals(memory)) {
      return;
    }
    record = record.with(memory);
    pass(observedPoint(memory));
    try {
      replicaFolder.write(record);
    } catch (UncheckedIOException e) {
      LOG.atWarn()
          .addKeyValue("event", "replica.record.failed")
          .addKeyValue("replica", intent.name())
          .addKeyValue("error", e.toString())
          .log("The record of a replica cannot be written");
    }
    pass(recordedPoint(memory));
  }

  private static LaunchPoint observedPoint(Memory memory) {
    if (memory.stopping()) {
      return LaunchPoint.STOP_SEEN;
    }
    if (memory.failure().isPresent()) {
      return LaunchPoint.FAILURE_SEEN;
    }
    return memory.startDue() ? LaunchPoint.END_SEEN : LaunchPoint.READY_SEEN;
  }

  private static LaunchPoint recordedPoint(Memory memory) {
    if (memory.stopping()) {
      return LaunchPoint.STOP_KEPT;
    }
    if (memory.failure().isPresent()) {
      return LaunchPoint.FAILURE_KEPT;
    }
    return memory.startDue() ? LaunchPoint.END_KEPT : LaunchPoint.READY_KEPT;
  }

  @Override
  public void removeState() {
    if (record != null) {
      ports.release(record.port());
    }
    replicaFolder.remove();
    pass(LaunchPoint.FORGOTTEN);
  }

  @Override
  public void doMaintenance() {
    log.rotate();
  }

  @Override
  public String progress() {
    return log.lastLine();
  }

  @Override
  public Optional<URI> endpoint() {
    return record == null
        ? Optional.empty()
        : Optional.of(URI.create("http://" + ADDRESS + ":" + record.port()));
  }

  @Override
  public Optional<Long> pid() {
    return Optional.ofNullable(leader).map(Identity::pid);
  }

  @Override
  public String launch() {
    return record == null ? "" : record.launchId();
  }

  @Override
  public void onExit(Runnable wake) {
    if (child != null) {
      var _ = child.onExit().thenRun(wake);
    }
  }
}
