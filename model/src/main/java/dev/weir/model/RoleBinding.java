// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.RoleBindingSpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// Grants one Principal one role, in one namespace or in all.
public record RoleBinding(Metadata metadata, RoleBindingSpec spec, @Default("{}") NoStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.ROLE_BINDING;
  }

  @Override
  public RoleBinding withMetadata(Metadata metadata) {
    return new RoleBinding(metadata, spec, status);
  }

  @Override
  public RoleBinding withStatusOf(Resource other) {
    return new RoleBinding(metadata, spec, ((RoleBinding) other).status());
  }

  public RoleBinding withSpec(RoleBindingSpec spec) {
    return new RoleBinding(metadata, spec, status);
  }

  public RoleBinding withStatus(NoStatus status) {
    return new RoleBinding(metadata, spec, status);
  }
}
