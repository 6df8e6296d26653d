// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.view.AlertView;
import dev.weir.model.view.AlertView.DeliveryView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Formats alerts as a table.
public final class AlertText {
  private AlertText() {}

  /// @param wide adds the key and does not truncate summaries
  public static Table table(List<AlertView> alerts, boolean wide, Instant now) {
    List<String> heads =
        new ArrayList<>(
            List.of("ID", "STATE", "SEVERITY", "EVENT", "SUBJECT", "AGE", "DELIVERY", "SUMMARY"));
    if (wide) {
      heads.add("KEY");
    }
    Table table = new Table(heads.toArray(new String[0]));
    if (!wide) {
      table.cut(heads.indexOf("SUMMARY"));
    }
    for (AlertView alert : alerts) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  alert.id(),
                  state(alert),
                  alert.severity().text(),
                  alert.event().text(),
                  subject(alert),
                  NumberFormats.age(alert.startsAt(), now),
                  deliveries(alert),
                  alert.summary()));
      if (wide) {
        cells.add(alert.key());
      }
      table.row(cells);
    }
    return table;
  }

  private static String state(AlertView alert) {
    return alert.firing() ? "Firing" : alert.event().oneTime() ? "Event" : "Resolved";
  }

  private static String subject(AlertView alert) {
    return alert.namespace().isEmpty() ? "fleet" : alert.namespace() + "/" + alert.service();
  }

  /// `hooks:delivered,pager:dead`: the state of the last delivery to each channel.
  private static String deliveries(AlertView alert) {
    return alert.deliveries().stream()
        .filter(delivery -> latest(delivery, alert))
        .map(delivery -> delivery.channel() + ":" + delivery.state().text())
        .collect(Collectors.joining(","));
  }

  private static boolean latest(DeliveryView delivery, AlertView alert) {
    boolean both =
        alert.deliveries().stream()
            .anyMatch(other ->
                other.channel().equals(delivery.channel()) && other.stage().equals("resolved"));
    return !both || delivery.stage().equals("resolved");
  }
}
