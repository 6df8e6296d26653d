// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.resource.GetCommand;
import dev.weir.cli.session.CommandGroups;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.AlertText;
import dev.weir.cli.text.ChannelBacklog;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.model.codec.Json;
import dev.weir.model.view.AlertTest;
import dev.weir.model.view.AlertView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `weir alert ...`: firing alerts and the state of their delivery.
final class AlertCommands {
  private AlertCommands() {}

  static CommandLine of(CommandSession session) {
    CommandLine group =
        CommandGroups.group("alert", "Show alerts, test channels and retry failed deliveries.");
    group.addSubcommand(new ListAlerts(session));
    group.addSubcommand(new TestChannel(session));
    group.addSubcommand(new Retry(session));
    return group;
  }

  @Command(name = "list", description = "List firing alerts and failed deliveries.")
  private static final class ListAlerts implements Callable<Integer> {
    private final CommandSession session;

    @Option(
        names = "--dead",
        description =
            "show only alerts whose delivery failed permanently; also report deliveries that wait")
    private boolean dead;

    @Option(names = "--all", description = "include resolved alerts and one-time events")
    private boolean all;

    ListAlerts(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      List<AlertView> alerts =
          session.client().alerts(dead).stream()
              .filter(alert -> all || dead || alert.firing())
              .toList();
      if (format.document()) {
        session.document(GetCommand.items(Json.array(alerts)));
      } else if (alerts.isEmpty()) {
        session.note(dead ? "no delivery has failed permanently" : "no alert is firing");
      } else {
        session.text(
            AlertText.table(alerts, format == OutputFormat.WIDE, session.now())
                .render(session.style()));
      }
      if (dead && !format.document()) {
        ChannelBacklog.of(session.client().alerts(false)).stream()
            .map(ChannelBacklog::text)
            .forEach(session::note);
      }
      return ExitStatus.OK;
    }
  }

  @Command(
      name = "test",
      description = "Send a test alert to a channel and print the response.",
      exitCodeListHeading = ExitStatus.HEADING,
      exitCodeList = {"0:the channel accepted the alert", "1:the channel did not accept it"})
  private static final class TestChannel implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "CHANNEL", description = "name of an AlertChannel")
    private String channel = "";

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    TestChannel(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      AlertTest result = session.client().testAlertChannel(channel, reason);
      if (format.document()) {
        session.document(Json.tree(result));
      } else {
        session.line(
            "%s %s: %s"
                .formatted(
                    channel,
                    result.delivered()
                        ? "accepted the test alert"
                        : "did not accept the test alert",
                    TerminalSanitizer.line(result.answer())));
      }
      return result.delivered() ? ExitStatus.OK : ExitStatus.ERROR;
    }
  }

  @Command(name = "retry", description = "Retry a failed delivery.")
  private static final class Retry implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "ID", description = "alert ID from `weir alert list --dead`")
    private String id = "";

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    Retry(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      AlertView alert = session.client().retryAlert(id, reason);
      if (format.document()) {
        session.document(Json.tree(alert));
      } else {
        session.line("retrying " + alert.id() + ": " + TerminalSanitizer.line(alert.key()));
      }
      return ExitStatus.OK;
    }
  }
}
