// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.ModelSpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// A registry entry: describes a family of versions, its owner and its permitted use.
public record Model(Metadata metadata, ModelSpec spec, @Default("{}") NoStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.MODEL;
  }

  @Override
  public Model withMetadata(Metadata metadata) {
    return new Model(metadata, spec, status);
  }

  @Override
  public Model withStatusOf(Resource other) {
    return new Model(metadata, spec, ((Model) other).status());
  }

  public Model withSpec(ModelSpec spec) {
    return new Model(metadata, spec, status);
  }

  public Model withStatus(NoStatus status) {
    return new Model(metadata, spec, status);
  }
}
