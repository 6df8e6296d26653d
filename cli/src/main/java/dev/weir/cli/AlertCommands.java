// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.AlertText;
import dev.weir.cli.text.Clean;
import dev.weir.model.AlertTest;
import dev.weir.model.AlertView;
import dev.weir.model.codec.Json;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `weir alert ...`: what fires, and whether those who should know were told.
final class AlertCommands {
  private AlertCommands() {}

  static CommandLine of(Session session) {
    CommandLine group =
        Groups.group("alert", "See what fires; test channels; send again what was given up.");
    group.addSubcommand(new ListAlerts(session));
    group.addSubcommand(new TestChannel(session));
    group.addSubcommand(new Retry(session));
    return group;
  }

  @Command(name = "list", description = "List what fires, and what could not be delivered.")
  private static final class ListAlerts implements Callable<Integer> {
    private final Session session;

    @Option(names = "--dead", description = "what some channel could not be told")
    private boolean dead;

    @Option(names = "--all", description = "also what is over, and news")
    private boolean all;

    ListAlerts(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Format format = session.format();
      List<AlertView> alerts =
          session.client().alerts(dead).stream()
              .filter(alert -> all || dead || alert.firing())
              .toList();
      if (format.document()) {
        session.document(GetCommand.items(Json.array(alerts)));
      } else if (alerts.isEmpty()) {
        session.note(dead ? "every channel was told everything" : "nothing fires");
      } else {
        session.text(
            AlertText.table(alerts, format == Format.WIDE, session.now()).render(session.style()));
      }
      return Exit.OK;
    }
  }

  @Command(name = "test", description = "Send a channel a test; say what came back.")
  private static final class TestChannel implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "CHANNEL", description = "an AlertChannel")
    private String channel = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit log")
    private String reason = "";

    TestChannel(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Format format = session.format();
      AlertTest came = session.client().testAlertChannel(channel, reason);
      if (format.document()) {
        session.document(Json.tree(came));
      } else {
        session.line(
            "%s %s: %s"
                .formatted(
                    channel,
                    came.taken() ? "took it" : "did not take it",
                    Clean.line(came.answer())));
      }
      return came.taken() ? Exit.OK : Exit.ERROR;
    }
  }

  @Command(name = "retry", description = "Send again what was given up.")
  private static final class Retry implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "ID", description = "as `weir alert list --dead` shows it")
    private String id = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit log")
    private String reason = "";

    Retry(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Format format = session.format();
      AlertView alert = session.client().retryAlert(id, reason);
      if (format.document()) {
        session.document(Json.tree(alert));
      } else {
        session.line(alert.id() + " is sent again: " + Clean.line(alert.key()));
      }
      return Exit.OK;
    }
  }
}
