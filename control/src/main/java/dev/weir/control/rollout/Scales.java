// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.observation.Catalogue;
import dev.weir.model.ModelVersion;
import dev.weir.model.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.RolloutSpec.Room;
import dev.weir.model.RolloutSpec.Scale;
import dev.weir.model.Service;

/// How big a release is, as it stands at its start.
final class Scales {
  private Scales() {}

  static Scale of(Service service, ModelVersion to, Catalogue catalogue) {
    return new Scale(
        Math.max(1, DesiredReplicas.owned(service, catalogue)),
        to.spec().accelerator().map(AcceleratorSpec::count).orElse(1),
        Room.SURGE);
  }
}
