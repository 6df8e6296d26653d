// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.status;

import dev.weir.model.value.Text;
import java.util.EnumSet;
import java.util.Set;

/// The phases of a Rollout. Terminal phases are final.
///
/// `Pending -> Provisioning -> Progressing -> Promoting -> Completed`; `Paused` from and to
/// `Progressing`; from every live phase `RollingBack -> RolledBack | Aborted | Superseded`.
public enum RolloutPhase implements Text {
  PENDING("Pending"),
  PROVISIONING("Provisioning"),
  PROGRESSING("Progressing"),
  PAUSED("Paused"),
  PROMOTING("Promoting"),
  COMPLETED("Completed"),
  ROLLING_BACK("RollingBack"),
  ROLLED_BACK("RolledBack"),
  ABORTED("Aborted"),
  SUPERSEDED("Superseded");

  private final String text;

  RolloutPhase(String text) {
    this.text = text;
  }

  @Override
  public String text() {
    return text;
  }

  public boolean terminal() {
    return next().isEmpty();
  }

  /// The phases that may follow this one.
  public Set<RolloutPhase> next() {
    return switch (this) {
      case PENDING -> EnumSet.of(PROVISIONING, ROLLING_BACK);
      case PROVISIONING -> EnumSet.of(PROGRESSING, PAUSED, ROLLING_BACK);
      case PROGRESSING -> EnumSet.of(PAUSED, PROMOTING, ROLLING_BACK);
      case PAUSED -> EnumSet.of(PROVISIONING, PROGRESSING, PROMOTING, ROLLING_BACK);
      case PROMOTING -> EnumSet.of(COMPLETED, ROLLING_BACK);
      case ROLLING_BACK -> EnumSet.of(ROLLED_BACK, ABORTED, SUPERSEDED);
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> EnumSet.noneOf(RolloutPhase.class);
    };
  }
}
