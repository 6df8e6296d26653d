// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.resource.GetCommand;
import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.client.LogLines;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `weir logs`: shows the output of a replica's process.
@Command(name = "logs", description = "Show a replica's log (engine output).")
final class LogsCommand implements Callable<Integer> {
  private final CommandSession session;

  @Parameters(paramLabel = "REPLICA", description = "replica name from `weir get replicas`")
  private String replica = "";

  @Option(
      names = {"-f", "--follow"},
      description = "follow new output across rotations and restarts")
  private boolean follow;

  @Option(
      names = "--tail",
      paramLabel = "N",
      description = "show the last N lines, 0 to 10000 (default 100)")
  private int tail = 100;

  @Option(names = "--previous", description = "show the log of the previous process")
  private boolean previous;

  LogsCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    if (follow && previous) {
      throw CliException.usage(
          "--follow and --previous exclude each other: the previous process has ended");
    }
    if (tail < 0 || tail > 10_000) {
      throw CliException.usage("--tail must be 0 to 10000");
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
        session.note(previous ? "there is no previous process" : "the log is empty");
      }
    }
    return ExitStatus.OK;
  }

  /// Runs until interrupted; with `-o json` prints one document per line.
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
