// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The machine's processes and the marks that identify their owner. The production implementation
/// is [ProcFs]; trials use faulty ones.
public interface ProcessTable {
  /// @param startTicks start time in clock ticks since boot; together with the pid it identifies a
  ///   process of this boot
  record Identity(long pid, long startTicks) {}

  /// @param parent pid of its parent; that of a reaper, such as 1, if the parent has ended
  /// @param group its process group
  /// @param session its session
  /// @param state one letter as in proc_pid_stat(5): `R` running, `S` sleeping, `D` uninterruptible
  ///   sleep, `T` stopped, `Z` zombie
  /// @param name of its program, at most 15 arbitrary bytes
  record Entry(Identity identity, long parent, long group, long session, char state, String name) {
    public long pid() {
      return identity.pid();
    }

    public boolean zombie() {
      return state == 'Z' || state == 'X';
    }
  }

  /// Marks that identify the origin of a process.
  ///
  /// @param launchId [ChildEnvironment#LAUNCH_ID] of its initial environment; a program may
  ///   overwrite that memory (`setproctitle` does)
  /// @param folder [ChildEnvironment#LAUNCH_FOLDER] of that environment
  /// @param outputs targets of its standard output and standard error
  record Marks(Optional<String> launchId, Optional<Path> folder, List<Path> outputs) {
    public static final Marks NONE = new Marks(Optional.empty(), Optional.empty(), List.of());

    public Marks {
      outputs = List.copyOf(outputs);
    }
  }

  /// The process with a pid; empty if it does not exist.
  Optional<Entry> find(long pid);

  /// All visible processes, including zombies.
  List<Entry> all();

  /// The marks of a process; [Marks#NONE] if it has ended or belongs to another user.
  Marks marks(long pid);

  /// Identifies the current boot; pids and ticks of other boots are meaningless.
  String bootId();

  /// Whether exactly this process runs; false for a zombie.
  default boolean alive(Identity identity) {
    return find(identity.pid())
        .map(entry -> entry.identity().equals(identity) && !entry.zombie())
        .orElse(false);
  }
}
