// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.control.validation.ResourceLookup;
import dev.weir.model.Resource;
import dev.weir.model.codec.Manifests;

/// `status` belongs to Weir: a status in a user's manifest is ignored.
public final class StatusStripper {
  private StatusStripper() {}

  /// The desired resource with the stored status, or with the default status when it is new.
  public static Resource kept(Resource wanted, ResourceLookup stored) {
    return stored
        .get(wanted.ref())
        .map(wanted::withStatusOf)
        .orElseGet(() -> Manifests.withDefaultStatus(wanted));
  }
}
