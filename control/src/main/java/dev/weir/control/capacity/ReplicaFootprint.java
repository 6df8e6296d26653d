// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.model.ModelVersionSpec;
import dev.weir.model.TargetSpec;
import java.util.Map;
import java.util.Optional;

/// What one replica of a version takes of a Target.
///
/// @param type of accelerator; empty for a version that names none, of which the replica is counted
/// @param count accelerators, 1 or more; 1 for a version that names none
record ReplicaFootprint(Optional<String> type, int count) {

  static ReplicaFootprint of(ModelVersionSpec version) {
    return version
        .accelerator()
        .map(accelerator ->
            new ReplicaFootprint(Optional.of(accelerator.type()), accelerator.count()))
        .orElseGet(() -> new ReplicaFootprint(Optional.empty(), 1));
  }

  /// What it is called where no Target counts it.
  String plainly() {
    return type.orElse(TargetSpec.REPLICAS);
  }

  /// By which name a Target counts it; empty when it does not.
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
