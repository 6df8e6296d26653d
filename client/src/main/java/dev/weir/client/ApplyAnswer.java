// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.List;

/// What a write did, or would do.
///
/// @param revision the newest after it
/// @param dryRun true: nothing was changed
public record ApplyAnswer(List<Result> results, long revision, boolean dryRun) {
  public ApplyAnswer {
    results = List.copyOf(results);
  }

  /// @param namespace empty for global kinds
  /// @param effect `created`, `changed`, `unchanged` or `deleted`
  public record Result(String kind, String namespace, String name, String effect, long revision) {}
}
