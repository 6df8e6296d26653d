// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.change.ChangePlan;
import dev.weir.store.Commit;
import java.util.List;

/// The result of a write.
public sealed interface WriteResult {
  /// The write is stored with its audit entry.
  ///
  /// @param preview of an [WriteRequest.ApplySet], as it was before the commit; empty for other
  ///   writes
  record Committed(Commit.Done commit, Preview preview) implements WriteResult {}

  /// A dry run: every step except the commit succeeded.
  ///
  /// @param revision of the store
  record DryRun(ChangePlan plan, long revision, Preview preview) implements WriteResult {}

  /// A step refused the write. Nothing was written.
  record Refused(Refusal refusal) implements WriteResult {}

  /// What a write causes.
  ///
  /// @param releases that start
  /// @param warnings about retired names, and of an apply about resources that are valid but
  ///   probably not intended
  record Preview(List<ReleasePreview> releases, List<String> warnings) {
    public Preview {
      releases = List.copyOf(releases);
      warnings = List.copyOf(warnings);
    }
  }
}
