// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.runtime.ReplicaLog;
import java.util.Locale;
import java.util.Optional;

/// Operators' commands to single replicas. Each command stores its effect with an audit entry
/// before it returns.
public interface ReplicaOperations {
  CommandResult order(Order order, Actor actor, String reason);

  /// The output of the replica's processes; empty when the replica does not exist or its output is
  /// not stored on this machine.
  ///
  /// @param lines number of last lines to start with, 0 or more
  /// @param previous read the output of the previous process instead of the current one
  Optional<ReplicaLog> log(String namespace, String replica, int lines, boolean previous);

  /// One command to one replica.
  ///
  /// @param now a restart does not wait for the requests in flight on the replica
  /// @param force execute the command even if no other replica serves
  record Order(String namespace, String replica, Verb verb, boolean now, boolean force) {}

  /// The commands.
  enum Verb {
    CORDON("Gives a replica no new requests"),
    UNCORDON("Takes any order of a replica back"),
    DRAIN("Gives a replica no new requests, and stops it when it has finished"),
    RESTART("Drains a replica, restarts it and returns it to routing");

    private final String summary;

    Verb(String summary) {
      this.summary = summary;
    }

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    public String summary() {
      return summary;
    }
  }
}
