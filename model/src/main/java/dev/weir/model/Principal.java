// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.PrincipalSpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// A person or a service account.
public record Principal(Metadata metadata, PrincipalSpec spec, @Default("{}") NoStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.PRINCIPAL;
  }

  @Override
  public Principal withMetadata(Metadata metadata) {
    return new Principal(metadata, spec, status);
  }

  @Override
  public Principal withStatusOf(Resource other) {
    return new Principal(metadata, spec, ((Principal) other).status());
  }

  public Principal withSpec(PrincipalSpec spec) {
    return new Principal(metadata, spec, status);
  }

  public Principal withStatus(NoStatus status) {
    return new Principal(metadata, spec, status);
  }
}
