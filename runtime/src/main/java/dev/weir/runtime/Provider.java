// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.Target;
import dev.weir.model.value.ReplicaName;
import java.util.List;
import java.util.Optional;

/// Runs replicas on one Target and reports their observed state.
///
/// All calls return quickly: the provider starts, probes, drains and stops replicas in its own
/// threads. All calls are idempotent and safe after a crash of the caller between any two of them.
/// A provider adopts replicas that an earlier process of its owner started.
public interface Provider extends AutoCloseable {
  /// Starts the replica if it does not exist. Does not change a replica that runs with another
  /// `specHash`: stop it first.
  void ensure(ReplicaIntent intent);

  /// Stops the replica with SIGTERM, and with SIGKILL after `grace`. Ignores unknown names. Drain
  /// the replica first: no gateway may route to it.
  void stop(ReplicaName name, java.time.Duration grace);

  /// Kills the replica's process and starts it again, unless a later start has already replaced it.
  /// A repeated call has no effect.
  ///
  /// @param launch the observed start to replace
  void restart(ReplicaName name, String launch);

  /// The output of the replica's processes; empty if this provider stores no logs.
  ///
  /// @param lines number of last lines to start with, 0 or more
  /// @param previous whether to read only the log of the previous process
  default Optional<ReplicaLog> log(ReplicaName name, int lines, boolean previous) {
    return Optional.empty();
  }

  /// All replicas. A stopped replica is reported once as `STOPPED`.
  List<ObservedReplica> observe();

  /// The last report of a ready replica's engine; empty for other replicas.
  default Optional<ObservedEngine> engine(ReplicaName name) {
    return Optional.empty();
  }

  /// Applies a changed Target without a restart, if possible, so that the state of the replicas is
  /// retained.
  ///
  /// @return false if the provider must be closed and reopened
  default boolean follow(Target changed) {
    return false;
  }

  /// Registers a listener for changes of `observe`. It must return quickly; any thread may call it.
  void onChange(Runnable listener);

  /// Releases the replicas without stopping them; they can be adopted.
  @Override
  void close();
}
