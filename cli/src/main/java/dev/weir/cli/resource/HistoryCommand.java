// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.ResourceText;
import dev.weir.client.HistoryItem;
import dev.weir.model.codec.Json;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `weir history`: lists the past specs of one resource.
@Command(name = "history", description = "List past specs of one resource, newest first.")
public final class HistoryCommand implements Callable<Integer> {
  private final CommandSession session;

  @Parameters(
      index = "0",
      paramLabel = "KIND",
      completionCandidates = ResourceArgument.KindWords.class,
      description = "kind of the resource")
  private String kind = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "its name")
  private Optional<String> name = Optional.empty();

  public HistoryCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    List<HistoryItem> items = session.client().history(ResourceArgument.one(kind, name, session));
    if (format.document()) {
      session.document(GetCommand.items(Json.array(items)));
    } else {
      session.text(ResourceText.history(items).render(session.style()));
    }
    return ExitStatus.OK;
  }
}
