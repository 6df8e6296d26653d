// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.capacity.CapacityDemand.TargetResource;
import dev.weir.control.capacity.GpuPrices.Price;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.Target;
import dev.weir.model.spec.ModelVersionSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;

/// The capacity that a release uses in addition to the steady state of its Service.
///
/// @param gpuHours the minimum
/// @param usd the cost of these hours; empty if a price is unknown
/// @param prices the source of each price, or how to set it
record ExtraCapacity(double gpuHours, Optional<Double> usd, List<String> prices) {
  private static final double SECONDS_PER_HOUR = 3600;

  /// The replicas of one stage and its minimum duration.
  record Span(ReplicaCounts fill, Duration atLeast) {}

  /// @param to the version whose accelerators are additional
  static ExtraCapacity of(
      CapacityDemand capacityDemand,
      Map<TargetResource, Integer> before,
      ModelVersionSpec from,
      ModelVersionSpec to,
      List<Span> spans,
      ResourceSnapshot resourceSnapshot) {
    if (to.accelerator().isEmpty()) {
      return new ExtraCapacity(0, Optional.empty(), List.of());
    }
    Map<TargetResource, Double> hours = new TreeMap<>();
    for (Span span : spans) {
      double hoursOf = span.atLeast().toMillis() / 1000.0 / SECONDS_PER_HOUR;
      capacityDemand
          .of(from.ref(), to.ref(), List.of(span.fill()))
          .forEach((targetResource, count) -> {
            int more = count - before.getOrDefault(targetResource, 0);
            if (more > 0) {
              hours.merge(targetResource, more * hoursOf, Double::sum);
            }
          });
    }
    return priced(hours, to.accelerator().orElseThrow().type(), resourceSnapshot);
  }

  private static ExtraCapacity priced(
      Map<TargetResource, Double> hours, String type, ResourceSnapshot resourceSnapshot) {
    TreeSet<String> prices = new TreeSet<>();
    double sum = 0;
    double usd = 0;
    boolean all = true;
    for (Map.Entry<TargetResource, Double> entry : hours.entrySet()) {
      String target = entry.getKey().target();
      Optional<Price> price = GpuPrices.of(own(target, resourceSnapshot), type);
      sum += entry.getValue();
      all &= price.isPresent();
      usd += price.map(Price::usd).orElse(0.0) * entry.getValue();
      prices.add(
          price
              .map(known -> known.text(type))
              .orElse(
                  "price of %s not known: set spec.pricePerGpuHour of Target %s"
                      .formatted(type, target)));
    }
    return new ExtraCapacity(sum, all ? Optional.of(usd) : Optional.empty(), List.copyOf(prices));
  }

  private static OptionalDouble own(String target, ResourceSnapshot resourceSnapshot) {
    return resourceSnapshot
        .target(target)
        .flatMap((Target t) -> t.spec().pricePerGpuHour())
        .stream()
        .mapToDouble(Double::doubleValue)
        .findFirst();
  }
}
