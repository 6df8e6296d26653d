// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// One release of one version of a Service; created by Weir, never deleted.
public record Rollout(Metadata metadata, RolloutSpec spec, @Default("{}") RolloutStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.ROLLOUT;
  }

  @Override
  public Rollout withMetadata(Metadata metadata) {
    return new Rollout(metadata, spec, status);
  }

  @Override
  public Rollout withStatusOf(Resource other) {
    return new Rollout(metadata, spec, ((Rollout) other).status());
  }

  public Rollout withSpec(RolloutSpec spec) {
    return new Rollout(metadata, spec, status);
  }

  @Override
  public Rollout withMessage(String message) {
    return withStatus(status.withMessage(message));
  }

  public Rollout withStatus(RolloutStatus status) {
    return new Rollout(metadata, spec, status);
  }
}
