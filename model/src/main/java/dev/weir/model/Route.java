// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.RouteSpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// A public model name and the Services that serve it.
public record Route(Metadata metadata, RouteSpec spec, @Default("{}") NoStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.ROUTE;
  }

  @Override
  public Route withMetadata(Metadata metadata) {
    return new Route(metadata, spec, status);
  }

  @Override
  public Route withStatusOf(Resource other) {
    return new Route(metadata, spec, ((Route) other).status());
  }

  public Route withSpec(RouteSpec spec) {
    return new Route(metadata, spec, status);
  }

  public Route withStatus(NoStatus status) {
    return new Route(metadata, spec, status);
  }
}
