// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.model.release.Stage;
import java.util.ArrayList;
import java.util.List;

/// The number of replicas of each version at one moment of a release, over all placements.
///
/// @param fresh of the new version
/// @param old of the old version
record ReplicaCounts(int fresh, int old) {

  /// The counts of a release from its first replica to its end, in order.
  ///
  /// @param stages of the release
  /// @param replicas of the Service now; if they have changed since the start, the shares stay
  static List<ReplicaCounts> of(List<Stage> stages, int replicas) {
    List<ReplicaCounts> fills = new ArrayList<>();
    if (stages.isEmpty()) {
      fills.add(new ReplicaCounts(replicas, replicas)); // promoted once all new replicas run
    }
    stages.stream()
        .map(stage -> new ReplicaCounts(stage.newReplicasOf(replicas), stage.oldOf(replicas)))
        .distinct()
        .forEach(fills::add);
    fills.add(new ReplicaCounts(replicas, 0));
    return List.copyOf(fills);
  }

  /// The largest share of the replicas that is missing at some moment, in percent: old ones stop
  /// before new ones start if both do not fit.
  ///
  /// @param room how many replicas more than `replicas` may run
  static int dip(List<ReplicaCounts> fills, int replicas, int room) {
    int fewest = replicas;
    ReplicaCounts before = new ReplicaCounts(0, replicas);
    for (ReplicaCounts fill : fills) {
      int together = Math.min(before.old(), Math.max(fill.old(), replicas + room - fill.fresh()));
      fewest = Math.min(fewest, before.fresh() + together);
      before = fill;
    }
    return replicas == 0 ? 0 : Math.ceilDiv(100 * (replicas - fewest), replicas);
  }
}
