// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.spec.TargetSpec;
import java.util.Map;
import java.util.Optional;

/// The capacity that one replica of a version uses on a Target.
///
/// @param type of accelerator; empty if the version names none, then replicas are counted
/// @param count accelerators, 1 or more; 1 if the version names none
record ReplicaFootprint(Optional<String> type, int count) {

  static ReplicaFootprint of(ModelVersionSpec version) {
    return version
        .accelerator()
        .map(accelerator ->
            new ReplicaFootprint(Optional.of(accelerator.type()), accelerator.count()))
        .orElseGet(() -> new ReplicaFootprint(Optional.empty(), 1));
  }

  /// The name of the unit where no Target counts it.
  String defaultUnit() {
    return type.orElse(TargetSpec.REPLICAS);
  }

  /// The name by which the Target counts it; empty if the Target does not count it.
  Optional<String> unit(TargetSpec target) {
    Map<String, Integer> capacity = target.capacity();
    if (type.isEmpty()) {
      return Optional.of(TargetSpec.REPLICAS).filter(capacity::containsKey);
    }
    return capacity.keySet().stream()
        .filter(name -> name.equalsIgnoreCase(type.get()))
        .findFirst()
        .or(() -> Optional.of(TargetSpec.GPUS).filter(capacity::containsKey));
  }
}
