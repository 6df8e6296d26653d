// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.RolloutOperations.CommandResult;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.runtime.ReplicaLog;
import java.util.Locale;
import java.util.Optional;

/// What people may order of single replicas. Each order is stored with its audit entry before it
/// answers.
public interface ReplicaOperations {
  CommandResult order(Order order, Actor actor, String reason);

  /// What the replica's processes wrote; empty when there is no such replica, or none that keeps
  /// its output here.
  ///
  /// @param lines how many of the last ones to begin with, 0 or more
  /// @param previous those of the process before the present one
  Optional<ReplicaLog> log(String namespace, String replica, int lines, boolean previous);

  /// @param now a restart does not wait for what runs on the replica
  /// @param force even if nothing is left that serves
  record Order(String namespace, String replica, Verb verb, boolean now, boolean force) {}

  /// What is ordered.
  enum Verb {
    CORDON("Gives a replica no new requests"),
    UNCORDON("Takes any order of a replica back"),
    DRAIN("Gives a replica no new requests, and stops it when it has finished"),
    RESTART("Drains a replica, restarts it and returns it to routing");

    private final String summary;

    Verb(String summary) {
      this.summary = summary;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    String summary() {
      return summary;
    }
  }
}
