// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.model.spec.TargetSpec;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The capacity of a Target for one kind of resource, and how much of it each Service uses.
///
/// @param unit a type of accelerator, or one of the reserved names of [TargetSpec]
/// @param used by Service, `namespace/name`
record CapacityPool(String target, String unit, int capacity, SortedMap<String, Integer> used) {
  private static final int MAX_LISTED = 5;

  CapacityPool {
    used = new TreeMap<>(used);
  }

  int inUse() {
    return used.values().stream().mapToInt(Integer::intValue).sum();
  }

  int usedBy(String service) {
    return used.getOrDefault(service, 0);
  }

  /// The capacity available to the Service: what no other Service uses, and at least what it has.
  int within(String service) {
    return Math.max(usedBy(service), capacity - inUse() + usedBy(service));
  }

  /// For example `8 of 8 H100 on gpu-a are in use: default/chat 6, default/embed 2`.
  String text() {
    String by =
        used.entrySet().stream()
            .filter(use -> use.getValue() > 0)
            .limit(MAX_LISTED)
            .map(use -> use.getKey() + " " + use.getValue())
            .collect(Collectors.joining(", "));
    long users = used.values().stream().filter(count -> count > 0).count();
    return "%d of %d %s on %s are in use%s%s"
        .formatted(
            inUse(),
            capacity,
            unitText(unit),
            target,
            by.isEmpty() ? "" : ": " + by,
            users > MAX_LISTED ? " and " + (users - MAX_LISTED) + " more" : "");
  }

  static String unitText(String unit) {
    return unit.equals(TargetSpec.GPUS) ? "GPUs" : unit;
  }
}
