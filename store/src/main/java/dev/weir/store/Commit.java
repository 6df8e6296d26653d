// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.Resource;
import dev.weir.model.value.ResourceRef;
import java.util.List;

/// The result of a commit.
public sealed interface Commit {
  /// @param revision the newest revision after the commit
  /// @param results one for each write, in order
  record Done(long revision, List<Result> results) implements Commit {
    public Done {
      results = List.copyOf(results);
    }
  }

  /// Nothing was written, because a resource did not have the expected revision.
  ///
  /// @param currentRevision 0 when it does not exist
  record Conflict(ResourceRef ref, long expectedRevision, long currentRevision) implements Commit {}

  /// The outcome of one write, with the stored resource (its last state, for a delete).
  record Result(Effect effect, Resource resource) {}

  enum Effect {
    CREATED,
    CHANGED,
    UNCHANGED,
    DELETED
  }
}
