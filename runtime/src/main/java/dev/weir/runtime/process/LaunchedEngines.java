// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.process.ProcessTable.Entry;
import dev.weir.runtime.process.ProcessTable.Marks;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/// Finds the engines on this machine that any Weir has started, as far as this user can see them,
/// with their data folders. Read-only.
public final class LaunchedEngines {
  /// `DATA/replicas/TARGET/REPLICA`.
  private static final int LEVELS_BELOW_DATA = 3;

  private static final Path LOG = Path.of("log");

  private LaunchedEngines() {}

  /// The processes of one launch.
  ///
  /// @param leader the first process
  /// @param targets the arguments of `kill --` that end all of them
  /// @param data the data folder from the engine's view; empty if unknown
  /// @param recorded whether that folder still records the launch
  public record Launched(
      String launchId, Entry leader, List<String> targets, Optional<Path> data, boolean recorded) {
    public Launched {
      targets = List.copyOf(targets);
    }

    /// A path of the engine's mount namespace as seen from this process.
    public Path fromHere(Path path) {
      return seenFromHere(leader, path);
    }
  }

  /// All launches, ordered by launch id.
  ///
  /// @param nanos monotonic clock
  public static List<Launched> find(ProcessTable table, LongSupplier nanos) {
    ProcessSnapshotCache.View view = new ProcessSnapshotCache(table, nanos).now();
    Map<String, List<Entry>> launches = new TreeMap<>();
    for (Entry entry : view.entries()) {
      if (!entry.zombie()) {
        view.marks(entry)
            .launchId()
            .ifPresent(id -> launches.computeIfAbsent(id, _ -> new ArrayList<>()).add(entry));
      }
    }
    return launches.entrySet().stream()
        .map(launch -> launched(view, launch.getKey(), launch.getValue()))
        .toList();
  }

  private static Launched launched(
      ProcessSnapshotCache.View view, String id, List<Entry> processes) {
    processes.sort(Comparator.comparingLong(entry -> entry.identity().startTicks()));
    Entry leader = processes.getFirst();
    Optional<Path> folder =
        processes.stream().flatMap(entry -> folder(view.marks(entry)).stream()).findFirst();
    return new Launched(
        id,
        leader,
        targets(view, processes),
        folder.flatMap(LaunchedEngines::data),
        folder.map(replica -> recorded(seenFromHere(leader, replica), id)).orElse(false));
  }

  /// Engines of the previous version do not have the folder variable; their log is in the folder.
  private static Optional<Path> folder(Marks marks) {
    return marks
        .folder()
        .or(() ->
            marks.outputs().stream()
                .filter(output -> output.isAbsolute() && output.endsWith(LOG))
                .map(Path::getParent)
                .findFirst());
  }

  private static Optional<Path> data(Path replica) {
    Path data = replica;
    for (int i = 0; i < LEVELS_BELOW_DATA && data != null; i++) {
      data = data.getParent();
    }
    return Optional.ofNullable(data);
  }

  private static boolean recorded(Path replica, String launchId) {
    try {
      return ReplicaFolder.at(replica).launches().contains(launchId);
    } catch (UncheckedIOException e) {
      return false; // not readable, or removed meanwhile
    }
  }

  private static Path seenFromHere(Entry process, Path path) {
    Path root = Path.of("/proc/" + process.pid() + "/root");
    return root.resolve(path.getRoot() == null ? path : path.getRoot().relativize(path));
  }

  private static List<String> targets(ProcessSnapshotCache.View view, List<Entry> processes) {
    Set<Long> groups = ProcessGroup.groups(view, processes);
    List<String> targets = new ArrayList<>();
    groups.stream().sorted().forEach(group -> targets.add("-" + group));
    processes.stream()
        .filter(entry -> !groups.contains(entry.group()))
        .forEach(entry -> targets.add(Long.toString(entry.pid())));
    return targets;
  }
}
