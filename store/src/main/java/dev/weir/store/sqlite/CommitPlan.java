// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;
import dev.weir.store.Commit;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The planned effect of a commit.
sealed interface CommitPlan {
  /// The commit conflicts and writes nothing.
  record Refused(Commit.Conflict conflict) implements CommitPlan {}

  /// @param at the commit's time, for all of its rows
  /// @param changes the changes to write, by increasing revision; empty if nothing changes
  /// @param results one for each requested write
  record Accepted(Instant at, List<Change> changes, List<Commit.Result> results)
      implements CommitPlan {
    public Accepted {
      changes = List.copyOf(changes);
      results = List.copyOf(results);
    }
  }

  /// The change or deletion of one resource.
  ///
  /// @param before the previous state; empty for a new resource
  /// @param resource the stored resource; for a deletion its last state, with the deletion's
  ///   revision
  record Change(Optional<Resource> before, Resource resource, boolean deleted) {
    long revision() {
      return resource.metadata().revision();
    }

    /// Whether the change adds an entry to the spec history.
    boolean historic() {
      return deleted || resource.metadata().specRevision() == revision();
    }
  }
}
