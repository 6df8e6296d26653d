// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.model.spec.ServiceSpec.TenantLimits;
import dev.weir.model.spec.ServiceSpec.TrafficSpec;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Priority;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Admission;

/// Compiles limits and priorities for snapshots.
final class AdmissionCompiler {
  private AdmissionCompiler() {}

  static Admission compile(TrafficSpec traffic) {
    TenantLimits tenant = traffic.perTenant();
    return new Admission(
        limits(traffic.limits()),
        new RoutingSnapshot.Limits(
            tenant.requestsPerMinute(), tenant.tokensPerMinute(), tenant.maxInFlight()),
        tenant.share(),
        traffic.concurrency().max(),
        traffic.concurrency().waitForReplica().toMillis());
  }

  static RoutingSnapshot.Limits limits(Limits limits) {
    return new RoutingSnapshot.Limits(
        limits.requestsPerMinute(), limits.tokensPerMinute(), limits.maxInFlight());
  }

  static RoutingSnapshot.Priority priority(Priority priority) {
    return switch (priority) {
      case HIGH -> RoutingSnapshot.Priority.HIGH;
      case NORMAL -> RoutingSnapshot.Priority.NORMAL;
      case LOW -> RoutingSnapshot.Priority.LOW;
    };
  }
}
