// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.process.ProcessSnapshotCache.View;
import dev.weir.runtime.process.ProcessTable.Entry;
import dev.weir.runtime.process.ProcessTable.Identity;
import dev.weir.runtime.process.ProcessTable.Marks;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds the processes that certainly belong to one replica.
///
/// A pid alone is not sufficient, because another process may have reused it. A member has a launch
/// id of the replica in its environment, the replica's log as standard output or error (which
/// survives if a program overwrites its environment), or the group or session of the leader, or it
/// is a child of a member. A process without any of these, whose parent has ended, is not found.
final class ProcessGroup {
  private final ReplicaFolder replicaFolder;

  ProcessGroup(ReplicaFolder replicaFolder) {
    this.replicaFolder = replicaFolder;
  }

  /// Running members, ordered by pid.
  ///
  /// @param leader the leader if this Weir has seen it alive; its group is trusted until another
  ///   process has its pid
  /// @param known members that were found before
  List<Entry> of(View view, Optional<Identity> leader, Set<Identity> known) {
    Set<String> launches = replicaFolder.launches();
    Path log = replicaFolder.realLog();
    Optional<Identity> trusted = leader.filter(each -> !pidReused(view, each));
    Map<Long, Entry> members = new HashMap<>();
    for (Entry entry : view.entries()) {
      boolean belongs =
          known.contains(entry.identity())
              || trusted.map(each -> isInGroupOf(entry, each)).orElse(false)
              || marked(view.marks(entry), launches, log);
      if (belongs && entry.pid() > 1) {
        members.put(entry.pid(), entry);
      }
    }
    addChildren(view, members);
    return members.values().stream()
        .filter(entry -> !entry.zombie())
        .sorted(Comparator.comparingLong(Entry::pid))
        .toList();
  }

  private static boolean pidReused(View view, Identity leader) {
    return view.entries().stream()
        .map(Entry::identity)
        .anyMatch(each -> each.pid() == leader.pid() && !each.equals(leader));
  }

  private static boolean isInGroupOf(Entry entry, Identity leader) {
    return entry.group() == leader.pid() || entry.session() == leader.pid();
  }

  private static boolean marked(Marks marks, Set<String> launches, Path log) {
    return marks.launchId().map(launches::contains).orElse(false) || marks.outputs().contains(log);
  }

  private static void addChildren(View view, Map<Long, Entry> members) {
    boolean changed = !members.isEmpty();
    while (changed) {
      changed = false;
      for (Entry entry : view.entries()) {
        if (members.containsKey(entry.parent())
            && members.putIfAbsent(entry.pid(), entry) == null) {
          changed = true;
        }
      }
    }
  }

  /// The groups that contain only these members. A signal to the whole group also reaches processes
  /// that are forked meanwhile.
  static Set<Long> groups(View view, List<Entry> members) {
    Set<Identity> own = new HashSet<>();
    Set<Long> groups = new HashSet<>();
    for (Entry member : members) {
      own.add(member.identity());
      groups.add(member.group());
    }
    for (Entry entry : view.entries()) {
      if (!own.contains(entry.identity()) && !entry.zombie()) {
        groups.remove(entry.group());
      }
    }
    groups.removeIf(group -> group <= 1);
    return groups;
  }
}
