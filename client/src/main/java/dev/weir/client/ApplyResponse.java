// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.value.Default;
import java.util.List;

/// The effect of a write or of a dry run.
///
/// @param revision the newest revision after the write
/// @param dryRun whether this was a dry run, which changes nothing
/// @param rollouts the rollouts that start or would start
/// @param warnings problems of the resulting configuration; one line each
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
