// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.PolicySpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// Guard rails for releases: freezes, and limits on concurrent releases.
public record Policy(Metadata metadata, PolicySpec spec, @Default("{}") NoStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.POLICY;
  }

  @Override
  public Policy withMetadata(Metadata metadata) {
    return new Policy(metadata, spec, status);
  }

  @Override
  public Policy withStatusOf(Resource other) {
    return new Policy(metadata, spec, ((Policy) other).status());
  }

  public Policy withSpec(PolicySpec spec) {
    return new Policy(metadata, spec, status);
  }
}
