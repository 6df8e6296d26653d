// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Breaks;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.FaultEntry;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.Recording;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import java.util.List;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.StdConverter;

/// Snapshot format 2, in which a canary is for everybody, gets no copies and is asked nothing by
/// gateways themselves, and nothing is recorded. Otherwise it is the newest one.
final class FormatTwo {
  static final int NUMBER = 2;

  static final JsonMapper MAPPER =
      WireJson.MAPPER
          .rebuild()
          .addMixIn(CanaryArm.class, AsCanary.class)
          .addMixIn(ServiceEntry.class, AsService.class)
          .build();

  private FormatTwo() {}

  /// A canary as this format has it.
  record Canary(
      Arm arm, String rollout, int step, String salt, int weightMillionths, boolean observed) {}

  /// A service as this format has it.
  record Service(
      String id,
      String namespace,
      String name,
      Arm stable,
      List<CanaryArm> canary,
      Timeouts timeouts,
      int retryBudgetPercent,
      int maxAttempts,
      boolean resume,
      String sessionHeader,
      Admission admission,
      Isolation isolation,
      Breaks breaks,
      List<FaultEntry> faults) {}

  @JsonSerialize(converter = WritingService.class)
  @JsonDeserialize(converter = ReadingService.class)
  private interface AsService {}

  static final class WritingService extends StdConverter<ServiceEntry, Service> {
    @Override
    public Service convert(ServiceEntry entry) {
      return new Service(
          entry.id(),
          entry.namespace(),
          entry.name(),
          entry.stable(),
          entry.canary(),
          entry.timeouts(),
          entry.retryBudgetPercent(),
          entry.maxAttempts(),
          entry.resume(),
          entry.sessionHeader(),
          entry.admission(),
          entry.isolation(),
          entry.breaks(),
          entry.faults());
    }
  }

  static final class ReadingService extends StdConverter<Service, ServiceEntry> {
    @Override
    public ServiceEntry convert(Service service) {
      return new ServiceEntry(
          service.id(),
          service.namespace(),
          service.name(),
          service.stable(),
          service.canary(),
          service.timeouts(),
          service.retryBudgetPercent(),
          service.maxAttempts(),
          service.resume(),
          service.sessionHeader(),
          service.admission(),
          service.isolation(),
          service.breaks(),
          service.faults(),
          Recording.NONE);
    }
  }

  @JsonSerialize(converter = Writing.class)
  @JsonDeserialize(converter = Reading.class)
  private interface AsCanary {}

  static final class Writing extends StdConverter<CanaryArm, Canary> {
    @Override
    public Canary convert(CanaryArm entry) {
      if (!entry.plain()) {
        throw new IllegalArgumentException(
            "format 2 cannot say that the canary of rollout "
                + entry.rollout()
                + " has an audience or gets copies");
      }
      return new Canary(
          entry.arm(),
          entry.rollout(),
          entry.step(),
          entry.salt(),
          entry.weightMillionths(),
          entry.observed());
    }
  }

  static final class Reading extends StdConverter<Canary, CanaryArm> {
    @Override
    public CanaryArm convert(Canary canary) {
      return new CanaryArm(
          canary.arm(),
          canary.rollout(),
          canary.step(),
          canary.salt(),
          canary.weightMillionths(),
          canary.observed());
    }
  }
}
