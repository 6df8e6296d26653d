// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.LogLines;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `weir logs`: what a replica's process wrote.
@Command(name = "logs", description = "Show what a replica's process wrote (engine output).")
final class LogsCommand implements Callable<Integer> {
  private final CommandSession session;

  @Parameters(paramLabel = "REPLICA", description = "as `weir get replicas` names it")
  private String replica = "";

  @Option(
      names = {"-f", "--follow"},
      description = "follow new output across rotations and restarts")
  private boolean follow;

  @Option(
      names = "--tail",
      paramLabel = "N",
      description = "the last N lines, 0 to 10000 (default 100)")
  private int tail = 100;

  @Option(names = "--previous", description = "of the process before the present one")
  private boolean previous;

  LogsCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    if (follow && previous) {
      throw CliException.usage("the previous process writes no more: --follow or --previous");
    }
    if (tail < 0 || tail > 10_000) {
      throw CliException.usage("--tail is from 0 to 10000");
    }
    if (follow) {
      return follow(format);
    }
    String text = session.client().logs(session.namespace(), replica, tail, previous);
    if (format.document()) {
      ArrayNode lines = JsonNodeFactory.instance.arrayNode();
      text.lines().forEach(line -> lines.add(line(line)));
      session.document(GetCommand.items(lines));
    } else {
      session.text(text);
      if (text.isEmpty()) {
        session.note(previous ? "there was no process before this one" : "it wrote nothing yet");
      }
    }
    return ExitStatus.OK;
  }

  /// Until interrupted; with `-o json` one document a line.
  private int follow(OutputFormat format) {
    try (LogLines lines = session.client().follow(session.namespace(), replica, tail)) {
      while (true) {
        String line = lines.next();
        session.line(format.document() ? line(line).toString() : line);
      }
    }
  }

  private static ObjectNode line(String text) {
    return JsonNodeFactory.instance.objectNode().put("line", text);
  }
}
