// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.StdConverter;

/// Snapshot format 2, in which a canary is for everybody, gets no copies and is asked nothing by
/// gateways themselves. Otherwise it is the newest one.
final class FormatTwo {
  static final int NUMBER = 2;

  static final JsonMapper MAPPER =
      WireJson.MAPPER.rebuild().addMixIn(CanaryArm.class, AsCanary.class).build();

  private FormatTwo() {}

  /// A canary as this format has it.
  record Canary(
      Arm arm, String rollout, int step, String salt, int weightMillionths, boolean observed) {}

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
