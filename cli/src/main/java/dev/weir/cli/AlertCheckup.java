// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.model.AlertView;
import dev.weir.model.AlertView.DeliveryState;
import dev.weir.model.AlertView.DeliveryView;
import dev.weir.model.Severity;
import java.util.ArrayList;
import java.util.List;

/// What fires, whether or not any channel is told, and what no channel could be told.
final class AlertCheckup {
  private static final int MOST = 20;

  private AlertCheckup() {}

  static List<Finding> findings(List<AlertView> alerts) {
    List<Finding> findings = new ArrayList<>();
    alerts.stream().filter(AlertView::firing).limit(MOST).forEach(alert -> findings.add(so(alert)));
    alerts.stream()
        .filter(AlertView::dead)
        .limit(MOST)
        .forEach(alert -> findings.add(untold(alert)));
    return findings;
  }

  private static Finding so(AlertView alert) {
    String todo = "see `weir alert list`";
    return alert.severity().atLeast(Severity.ERROR)
        ? Finding.problem("alert", alert.summary(), todo)
        : Finding.warning("alert", alert.summary(), todo);
  }

  private static Finding untold(AlertView alert) {
    DeliveryView dead =
        alert.deliveries().stream()
            .filter(delivery -> delivery.state() == DeliveryState.DEAD)
            .findFirst()
            .orElseThrow();
    return Finding.warning(
        "alert",
        "channel %s could not be told of %s: %s"
            .formatted(dead.channel(), alert.key(), dead.answer()),
        "try `weir alert test %s`, then `weir alert retry %s`"
            .formatted(dead.channel(), alert.id()));
  }
}
