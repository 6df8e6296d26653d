// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.AlertChannelSpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// A destination for alerts: an endpoint of the user, or an on-call service.
public record AlertChannel(Metadata metadata, AlertChannelSpec spec, @Default("{}") NoStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.ALERT_CHANNEL;
  }

  @Override
  public AlertChannel withMetadata(Metadata metadata) {
    return new AlertChannel(metadata, spec, status);
  }

  @Override
  public AlertChannel withStatusOf(Resource other) {
    return new AlertChannel(metadata, spec, ((AlertChannel) other).status());
  }

  public AlertChannel withSpec(AlertChannelSpec spec) {
    return new AlertChannel(metadata, spec, status);
  }
}
