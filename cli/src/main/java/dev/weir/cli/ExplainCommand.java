// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.TraceText;
import dev.weir.client.FoundRequest;
import dev.weir.model.codec.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `weir explain`: traces one recent request.
@Command(
    name = "explain",
    description = "Trace a recent request: route, replicas tried, times, tokens.")
final class ExplainCommand implements Callable<Integer> {
  private final CommandSession session;

  @Parameters(paramLabel = "REQUEST-ID", description = "x-request-id header of the response")
  private String id = "";

  ExplainCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    FoundRequest found = session.client().request(id);
    if (format.document()) {
      session.document(Json.tree(found));
    } else {
      found.items().forEach(trace -> session.text(TraceText.of(trace, session.style())));
    }
    if (!found.unanswered().isEmpty()) {
      session.note(
          "gateways that did not respond in time: " + String.join(", ", found.unanswered()));
    }
    return ExitStatus.OK;
  }
}
