// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory;
import java.net.URI;
import java.util.Optional;

/// The processes of a replica and their stored record. Called by one thread.
public interface ReplicaHost {
  /// Starts the replica.
  ///
  /// @return `Started`, `StartFailed`, `StartHindered` or `LeftoversFound`
  LifecycleEvent start(Memory memory);

  /// The exit of its process; empty while it runs.
  Optional<ProcessExit> exit();

  /// Sends SIGTERM or SIGKILL to all of its processes.
  void signal(boolean kill);

  /// Whether all of its processes have ended.
  boolean gone();

  /// The processes that [#gone] found last, one short line; empty if none or unknown.
  default String remains() {
    return "";
  }

  /// Stores the state that must survive a restart of Weir. A failure to store it may fail only a
  /// start.
  void saveState(Memory memory);

  /// Removes the stored state of an ended replica.
  void removeState();

  /// Periodic maintenance, such as log rotation.
  void doMaintenance();

  /// Its last line of output, for example the progress of loading; empty if unknown.
  String progress();

  /// Its URL while it runs.
  Optional<URI> endpoint();

  Optional<Long> pid();

  /// Identifies the last start; empty before the first, and for external replicas.
  String launch();

  /// Calls `wake` (must return quickly) soon after the process ended, if the end is observable
  /// without polling.
  void onExit(Runnable wake);
}
