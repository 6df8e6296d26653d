// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.ReplicaName;
import dev.weir.model.Target;
import java.util.List;
import java.util.Optional;

/// Makes replicas exist on one Target and says truthfully what it sees.
///
/// All calls return quickly: starting, probing, draining and stopping go on in the provider's own
/// threads. All are idempotent and safe after a crash of the caller between any two of them. A
/// provider finds again what an earlier process of its owner started (adoption).
public interface Provider extends AutoCloseable {
  /// Wants the replica to exist as described; starts it when absent. A replica that runs with
  /// another `specHash` is left alone: stop it first.
  void ensure(ReplicaIntent intent);

  /// Wants the replica gone: asks it to stop (SIGTERM), kills it after `grace`. Unknown names are
  /// ignored. Draining has happened before: no gateway routes to it any more.
  void stop(ReplicaName name, java.time.Duration grace);

  /// Ends a replica's process at once and lets it be started again, unless it has been started
  /// again already: said twice, it happens once.
  ///
  /// @param launch the start that is to be the last no more, as observed
  void restart(ReplicaName name, String launch);

  /// What the replica's processes wrote; empty when nothing of it is kept here.
  ///
  /// @param lines how many of the last ones to begin with, 0 or more
  /// @param previous those of the process before the present one, and no more after them
  default Optional<ReplicaLog> log(ReplicaName name, int lines, boolean previous) {
    return Optional.empty();
  }

  /// Everything it knows of, stopped replicas until they are reported once as `STOPPED`.
  List<ObservedReplica> observe();

  /// What the engine of a ready replica last said of itself; empty for any other.
  default Optional<ObservedEngine> engine(ReplicaName name) {
    return Optional.empty();
  }

  /// Goes on with a changed Target where that takes no new start, so that nothing that is known of
  /// the replicas is lost.
  ///
  /// @return false when it must be closed and opened anew instead
  default boolean follow(Target changed) {
    return false;
  }

  /// Calls `listener` (quick, any thread) whenever `observe` would answer differently.
  void onChange(Runnable listener);

  /// Lets go without touching the replicas: they keep running and can be adopted.
  @Override
  void close();
}
