// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.resource.GetCommand;
import dev.weir.cli.resource.RolloutLookup;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.ExplainText;
import dev.weir.cli.text.ReplayText;
import dev.weir.client.Explanation;
import dev.weir.model.Rollout;
import dev.weir.model.codec.Json;
import dev.weir.model.view.Replayed;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `weir rollout explain`: the release and its decisions in words, and with an option the
/// statistics behind them. It works during a release too.
@Command(
    name = "explain",
    description = "Describe the release and the evidence for each decision.",
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      "0:shown; with --replay: all decisions are the same",
      "2:--replay: at least one decision differs"
    })
final class RolloutExplain implements Callable<Integer> {
  private final CommandSession session;

  @Parameters(paramLabel = "SERVICE", description = "name of the Service")
  private String service = "";

  @Option(
      names = "--number",
      paramLabel = "N",
      description = "show rollout SERVICE-N instead of the latest")
  private Optional<Integer> number = Optional.empty();

  @Option(
      names = "--statistics",
      description = "show the evidence of each metric, its thresholds and its development")
  private boolean statistics;

  @Option(
      names = "--replay",
      description =
          "recompute each decision from its stored evidence; exit status 2 if one differs")
  private boolean replay;

  RolloutExplain(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    Rollout rollout = new RolloutLookup(session).chosen(service, number);
    if (replay) {
      return replay(rollout, format);
    }
    Explanation explanation =
        session.client().explanation(session.namespace(), rollout.metadata().name());
    if (format.document()) {
      ObjectNode document = GetCommand.items(Json.array(explanation.decisions()));
      explanation.summary().ifPresent(summary -> document.set("summary", Json.tree(summary)));
      session.document(document);
    } else {
      session.text(ExplainText.of(rollout, explanation, statistics, session.style()));
    }
    return ExitStatus.OK;
  }

  private int replay(Rollout rollout, OutputFormat format) {
    List<Replayed> decisions =
        session.client().replay(session.namespace(), rollout.metadata().name());
    if (format.document()) {
      session.document(GetCommand.items(Json.array(decisions)));
    } else {
      session.text(ReplayText.of(decisions, session.style()));
    }
    boolean differs =
        decisions.stream()
            .map(Replayed::outcome)
            .anyMatch(o -> o == Replayed.Outcome.ANOTHER || o == Replayed.Outcome.UNREADABLE);
    return differs ? ExitStatus.CHANGES : ExitStatus.OK;
  }
}
