// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;
import dev.weir.store.Commit;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a commit would do.
sealed interface CommitPlan {
  /// Nothing is to be written.
  record Refused(Commit.Conflict conflict) implements CommitPlan {}

  /// @param at the commit's time, for all its rows
  /// @param changes what to write, by rising revision; empty when nothing changed
  /// @param results one for each write that was asked for
  record Accepted(Instant at, List<Change> changes, List<Commit.Result> results)
      implements CommitPlan {
    public Accepted {
      changes = List.copyOf(changes);
      results = List.copyOf(results);
    }
  }

  /// One resource that becomes another, or goes.
  ///
  /// @param before empty when it is new
  /// @param resource as stored; for a deletion as it last was, with the deletion's revision
  record Change(Optional<Resource> before, Resource resource, boolean deleted) {
    long revision() {
      return resource.metadata().revision();
    }

    /// Whether the history of specs gets a line.
    boolean historic() {
      return deleted || resource.metadata().specRevision() == revision();
    }
  }
}
