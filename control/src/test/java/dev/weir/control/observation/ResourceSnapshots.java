// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.Resource;
import dev.weir.snapshot.StoreHead;
import java.util.List;
import java.util.Map;

/// Resource snapshots without a store.
public final class ResourceSnapshots {
  /// The revision of every snapshot.
  public static final long REVISION = 9;

  private ResourceSnapshots() {}

  /// A snapshot of these resources; of equal references, the last one counts.
  public static ResourceSnapshot of(List<? extends Resource> resources) {
    return of(StoreHead.UNKNOWN, ResolvedNames.NONE, resources);
  }

  /// A snapshot of these resources with a known store and resolved host names.
  public static ResourceSnapshot of(
      StoreHead store, ResolvedNames names, List<? extends Resource> resources) {
    return new ResourceSnapshot(
            REVISION, store, Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(),
            Map.of(), Map.of(), Map.of(), names)
        .with(resources);
  }
}
