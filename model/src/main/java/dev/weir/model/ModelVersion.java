// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.status.ModelVersionStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// One immutable, runnable version of a Model; named `<model>-<version>`, referred to as
/// `model@version`.
public record ModelVersion(
    Metadata metadata, ModelVersionSpec spec, @Default("{}") ModelVersionStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.MODEL_VERSION;
  }

  @Override
  public ModelVersion withMetadata(Metadata metadata) {
    return new ModelVersion(metadata, spec, status);
  }

  @Override
  public ModelVersion withStatusOf(Resource other) {
    return new ModelVersion(metadata, spec, ((ModelVersion) other).status());
  }

  public ModelVersion withSpec(ModelVersionSpec spec) {
    return new ModelVersion(metadata, spec, status);
  }

  public ModelVersion withStatus(ModelVersionStatus status) {
    return new ModelVersion(metadata, spec, status);
  }
}
