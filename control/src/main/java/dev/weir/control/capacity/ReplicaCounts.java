// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.model.ReleaseSpec;
import dev.weir.model.RolloutSpec.Scale;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stages;
import java.util.ArrayList;
import java.util.List;

/// How many replicas of each version there are at one moment of a release.
///
/// @param fresh of the new version, of all placements together
/// @param old of the old one
record ReplicaCounts(int fresh, int old) {

  /// Those of a release from its first replica to its end, in their order.
  ///
  /// @param replicas of the Service now; another number than at the start keeps the shares
  static List<ReplicaCounts> of(ReleaseSpec release, Scale scale, int replicas) {
    List<ReplicaCounts> fills = new ArrayList<>();
    List<Stage> stages = Stages.of(release, scale);
    if (stages.isEmpty()) {
      fills.add(new ReplicaCounts(replicas, replicas)); // promoted as soon as all of it is there
    }
    stages.stream()
        .map(stage -> new ReplicaCounts(stage.freshOf(replicas), stage.oldOf(replicas)))
        .distinct()
        .forEach(fills::add);
    fills.add(new ReplicaCounts(replicas, 0));
    return List.copyOf(fills);
  }

  /// The largest share of the replicas that is missing at some moment, in percent: old ones go
  /// before new ones come where there is no room for both.
  ///
  /// @param room how many more than `replicas` there may be
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
