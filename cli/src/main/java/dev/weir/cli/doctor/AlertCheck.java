// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.doctor;

import dev.weir.cli.text.ChannelBacklog;
import dev.weir.model.value.Severity;
import dev.weir.model.view.AlertView;
import dev.weir.model.view.AlertView.DeliveryState;
import dev.weir.model.view.AlertView.DeliveryView;
import java.util.ArrayList;
import java.util.List;

/// Checks which alerts fire, which deliveries failed permanently, and which channels have
/// deliveries that wait.
final class AlertCheck {
  private static final int MAX_FINDINGS = 20;

  private AlertCheck() {}

  static List<CheckResult> findings(List<AlertView> alerts) {
    List<CheckResult> findings = new ArrayList<>();
    alerts.stream()
        .filter(AlertView::firing)
        .limit(MAX_FINDINGS)
        .forEach(alert -> findings.add(firing(alert)));
    alerts.stream()
        .filter(AlertView::undelivered)
        .limit(MAX_FINDINGS)
        .forEach(alert -> findings.add(undelivered(alert)));
    ChannelBacklog.of(alerts).stream()
        .limit(MAX_FINDINGS)
        .forEach(backlog -> findings.add(waiting(backlog)));
    return findings;
  }

  private static CheckResult firing(AlertView alert) {
    String remedy = "see `weir alert list`";
    return alert.severity().atLeast(Severity.ERROR)
        ? CheckResult.problem("alert", alert.summary(), remedy)
        : CheckResult.warning("alert", alert.summary(), remedy);
  }

  private static CheckResult waiting(ChannelBacklog backlog) {
    return CheckResult.warning(
        "alert channel",
        backlog.text(),
        "check its URL and credential with `weir alert test %s`; Weir retries for a day"
            .formatted(backlog.channel()));
  }

  private static CheckResult undelivered(AlertView alert) {
    DeliveryView failed =
        alert.deliveries().stream()
            .filter(delivery -> delivery.state() == DeliveryState.DEAD)
            .findFirst()
            .orElseThrow();
    return CheckResult.warning(
        "alert",
        "alert %2$s was not delivered to channel %1$s: %3$s"
            .formatted(failed.channel(), alert.key(), failed.answer()),
        "try `weir alert test %s`, then `weir alert retry %s`"
            .formatted(failed.channel(), alert.id()));
  }
}
