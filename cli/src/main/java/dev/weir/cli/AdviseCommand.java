// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.CommandGroups;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.text.AdviceText;
import dev.weir.model.codec.Json;
import dev.weir.model.view.AdviceView;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `weir release ...`: the next release of a Service, before it starts.
final class AdviseCommand {
  private AdviseCommand() {}

  static CommandLine of(CommandSession session) {
    CommandLine group = CommandGroups.group("release", "Prepare the next release of a Service.");
    group.addSubcommand(new Advise(session));
    return group;
  }

  @Command(
      name = "advise",
      description = {
        "Compare three settings for the next release at the present traffic: how long it takes, and"
            + " how many bad answers a bad version can cause.",
        "It changes nothing."
      },
      exitCodeListHeading = ExitStatus.HEADING,
      exitCodeList = "0:shown")
  private static final class Advise implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "SERVICE", description = "name of the Service")
    private String service = "";

    Advise(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      AdviceView advice = session.client().advice(session.namespace(), service);
      if (session.format().document()) {
        session.document(Json.tree(advice));
      } else {
        session.text(AdviceText.of(advice, session.style()));
      }
      return ExitStatus.OK;
    }
  }
}
