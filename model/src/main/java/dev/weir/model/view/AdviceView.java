// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import java.util.List;
import java.util.Optional;

/// Settings for the next release of a Service, compared at its present traffic.
///
/// @param service `namespace/name`
/// @param traffic the requests that the comparison uses, in one sentence
/// @param requestsPerSecond rate of client requests
/// @param settings from the most cautious to the fastest
/// @param recommended name of the recommended setting; empty without requests
/// @param reason why, in one sentence; without a recommendation, what to do
public record AdviceView(
    String service,
    String traffic,
    double requestsPerSecond,
    List<Setting> settings,
    Optional<String> recommended,
    String reason) {
  public AdviceView {
    settings = List.copyOf(settings);
  }

  /// One setting.
  ///
  /// @param name `cautious`, `default` or `fast`
  /// @param release the lines below `release:` in the manifest; empty for the default
  /// @param secondsToProve expected time from the first request until a version that is as good as
  ///   the present one is proven, in seconds; empty if it is not known
  /// @param secondsToPromote the same with the bake
  /// @param badAnswersAtStart expected bad answers of a version that answers nothing, if it fails
  ///   from its first request
  /// @param badAnswersAtTop the same, if it fails at the largest weight
  /// @param largestPercent the largest weight before the bake, 0 to 100
  public record Setting(
      String name,
      String release,
      Optional<Double> secondsToProve,
      Optional<Double> secondsToPromote,
      double badAnswersAtStart,
      double badAnswersAtTop,
      double largestPercent) {}
}
