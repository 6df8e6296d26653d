// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.TargetSpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// A place where replicas run.
public record Target(Metadata metadata, TargetSpec spec, @Default("{}") NoStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.TARGET;
  }

  @Override
  public Target withMetadata(Metadata metadata) {
    return new Target(metadata, spec, status);
  }

  @Override
  public Target withStatusOf(Resource other) {
    return new Target(metadata, spec, ((Target) other).status());
  }

  public Target withSpec(TargetSpec spec) {
    return new Target(metadata, spec, status);
  }

  public Target withStatus(NoStatus status) {
    return new Target(metadata, spec, status);
  }
}
