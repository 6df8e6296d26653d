// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// What applications call: the desired version, where it runs, how it is released and how its
/// traffic is handled.
public record Service(Metadata metadata, ServiceSpec spec, @Default("{}") ServiceStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.SERVICE;
  }

  @Override
  public Service withMetadata(Metadata metadata) {
    return new Service(metadata, spec, status);
  }

  @Override
  public Service withStatusOf(Resource other) {
    return new Service(metadata, spec, ((Service) other).status());
  }

  public Service withSpec(ServiceSpec spec) {
    return new Service(metadata, spec, status);
  }

  @Override
  public Service withMessage(String message) {
    return withStatus(status.withMessage(message));
  }

  public Service withStatus(ServiceStatus status) {
    return new Service(metadata, spec, status);
  }
}
