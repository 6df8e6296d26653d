// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.ReleaseSpec.Strategy;
import java.util.List;
import java.util.Optional;

/// What a release will use and cost, computed before it begins.
///
/// @param steps share of the requests at each step, in percent
/// @param minSeconds from its first ready replica to its promotion at least
/// @param room `surge`, `inPlace`, `borrow`, or `refused`: then it waits until there is some
/// @param roomReason why there, in a sentence
/// @param revertSeconds from a decision to revert until no gateway routes to the new version, at
///   worst
/// @param revertReason what takes that long
/// @param usage of each kind of accelerator, on each Target that it stands on
/// @param gpuHours accelerator-hours beyond those of before, at least
/// @param costUsd of these, in US dollars; empty when a price is not known
/// @param prices where each price comes from, or how to set it
/// @param waitsFor what would hold it now, a sentence for each
public record ReleaseOutlook(
    Strategy strategy,
    List<Double> steps,
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
  /// @param now what the Service has
  /// @param peak at most on the way
  /// @param capacity of the Target, for all Services; empty when it is not known
  public record Usage(String target, String unit, int now, int peak, Optional<Integer> capacity) {}
}
