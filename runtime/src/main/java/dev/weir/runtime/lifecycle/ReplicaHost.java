// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory;
import java.net.URI;
import java.util.Optional;

/// What a replica runs on: its processes and what is kept of them. Called by one thread.
public interface ReplicaHost {
  /// Starts it.
  ///
  /// @return `Started`, `StartFailed`, `StartHindered` or `LeftoversFound`
  LifecycleEvent start(Memory memory);

  /// How its process ended; empty while it runs.
  Optional<ProcessExit> exit();

  /// Asks all of its processes to end, or kills them.
  void signal(boolean kill);

  /// Whether none of its processes is left.
  boolean gone();

  /// Which of its processes [#gone] saw last, one short line; empty when none, or not known.
  default String remains() {
    return "";
  }

  /// Keeps what must outlive Weir. Only a start may fail for want of it.
  void remember(Memory memory);

  /// Removes all that was kept; it is gone.
  void forget();

  /// Small regular chores, such as bounding the log.
  void doMaintenance();

  /// What it said last, one short line: how far loading is, perhaps. Empty when nothing is known.
  String progress();

  /// Where it answers, when it is running.
  Optional<URI> endpoint();

  Optional<Long> pid();

  /// Names the last start; empty before the first, and where nothing is started.
  String launch();

  /// Calls `wake` (quick) soon after the process ended, where that can be known without looking.
  void onExit(Runnable wake);
}
