// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.value.Default;
import java.util.List;
import java.util.Optional;

/// The estimated resource use and cost of a release, computed before it starts.
///
/// @param steps share of the requests at each step, in percent
/// @param ramp whether the steps are those of a ramp, which may skip some
/// @param minSeconds minimum time from the first ready replica to the promotion
/// @param room `surge`, `inPlace`, `borrow`, or `refused` if the release must wait for capacity
/// @param roomReason the reason for `room`, in one sentence
/// @param revertSeconds worst-case time from a decision to revert until no gateway routes to the
///   new version
/// @param revertReason what dominates that time
/// @param usage use of each type of accelerator on each Target
/// @param gpuHours minimum additional accelerator-hours
/// @param costUsd cost of these hours in US dollars; empty when a price is not known
/// @param prices the source of each price, or how to set it
/// @param waitsFor what would currently block the release, one sentence each
public record ReleaseOutlook(
    Strategy strategy,
    List<Double> steps,
    @Default("false") boolean ramp,
    double minSeconds,
    String room,
    String roomReason,
    double revertSeconds,
    String revertReason,
    List<Usage> usage,
    double gpuHours,
    Optional<Double> costUsd,
    List<String> prices,
    List<String> waitsFor) {
  public ReleaseOutlook {
    steps = List.copyOf(steps);
    usage = List.copyOf(usage);
    prices = List.copyOf(prices);
    waitsFor = List.copyOf(waitsFor);
  }

  /// @param unit a type of accelerator, `gpus` where the Target counts all types together,
  ///   `replicas` for versions that name none
  /// @param now current use of the Service
  /// @param peak maximum use during the release
  /// @param capacity capacity of the Target, for all Services; empty when unknown
  public record Usage(String target, String unit, int now, int peak, Optional<Integer> capacity) {}
}
