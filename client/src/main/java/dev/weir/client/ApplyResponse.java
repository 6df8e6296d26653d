// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Default;
import java.util.List;

/// What a write did, or would do.
///
/// @param revision the newest after it
/// @param dryRun true: nothing was changed
/// @param rollouts that start, or would
/// @param warnings what will not work as long as it is so; one line each
public record ApplyResponse(
    List<Result> results,
    long revision,
    boolean dryRun,
    @Default("[]") List<ApplyPlan.Release> rollouts,
    @Default("[]") List<String> warnings) {
  public ApplyResponse {
    results = List.copyOf(results);
    rollouts = List.copyOf(rollouts);
    warnings = List.copyOf(warnings);
  }

  /// @param namespace empty for global kinds
  /// @param effect `created`, `changed`, `unchanged` or `deleted`
  public record Result(String kind, String namespace, String name, String effect, long revision) {}
}
