// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.control.validation.ResourceLookup;
import dev.weir.model.AlertChannel;
import dev.weir.model.ApiKey;
import dev.weir.model.Model;
import dev.weir.model.ModelVersion;
import dev.weir.model.Policy;
import dev.weir.model.Principal;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Rollout;
import dev.weir.model.Route;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.status.ModelVersionStatus;
import dev.weir.model.status.ModelVersionStatus.Stage;
import dev.weir.model.status.ServiceStatus;

/// `status` belongs to Weir: a status in a user's manifest is ignored.
public final class StatusStripper {
  private StatusStripper() {}

  /// The desired resource with the stored status, or with an empty status when it is new.
  public static Resource kept(Resource wanted, ResourceLookup stored) {
    return stored.get(wanted.ref()).map(wanted::withStatusOf).orElseGet(() -> blank(wanted));
  }

  private static Resource blank(Resource wanted) {
    return switch (wanted) {
      case ModelVersion version -> version.withStatus(new ModelVersionStatus(Stage.REGISTERED));
      case Service service -> service.withStatus(ServiceStatus.empty());
      case Model _, Rollout _, Target _, Route _ -> wanted;
      case Principal _, RoleBinding _, ApiKey _, AlertChannel _, Policy _ -> wanted;
    };
  }
}
