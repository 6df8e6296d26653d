// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The machine's processes and what shows whose they are. The one implementation that ships is
/// [ProcFs]; a trial may bring one that is wrong on purpose.
public interface ProcessTable {
  /// @param startTicks when it started, in clock ticks since boot: with the pid it names one
  ///   process of this boot
  record Identity(long pid, long startTicks) {}

  /// @param parent pid of its parent; 1 or another reaper's when that has ended
  /// @param group its process group
  /// @param session its session
  /// @param state one letter as in proc_pid_stat(5): `R` runs, `S` sleeps, `D` sleeps and can't be
  ///   interrupted, `T` is stopped, `Z` has ended and not yet been waited for by its parent
  /// @param name of its program, at most 15 bytes of anything
  record Entry(Identity identity, long parent, long group, long session, char state, String name) {
    public long pid() {
      return identity.pid();
    }

    public boolean zombie() {
      return state == 'Z' || state == 'X';
    }
  }

  /// What a process carries with it that shows where it came from.
  ///
  /// @param launchId [ChildEnvironment#LAUNCH_ID] of the environment that its program was started
  ///   with; a program may overwrite that memory (`setproctitle` does)
  /// @param folder [ChildEnvironment#LAUNCH_FOLDER] of that environment
  /// @param outputs what its standard output and standard error are
  record Marks(Optional<String> launchId, Optional<Path> folder, List<Path> outputs) {
    public static final Marks NONE = new Marks(Optional.empty(), Optional.empty(), List.of());

    public Marks {
      outputs = List.copyOf(outputs);
    }
  }

  /// Empty when there is no such process.
  Optional<Entry> find(long pid);

  /// All that can be seen, zombies too.
  List<Entry> all();

  /// Nothing for a process that is gone or somebody else's.
  Marks marks(long pid);

  /// Names this boot of the machine: pids and ticks of another mean nothing.
  String bootId();

  /// Whether that very process runs; a zombie does not.
  default boolean alive(Identity identity) {
    return find(identity.pid())
        .map(entry -> entry.identity().equals(identity) && !entry.zombie())
        .orElse(false);
  }
}
