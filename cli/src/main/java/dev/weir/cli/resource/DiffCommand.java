// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.PlanText;
import dev.weir.client.ApplyPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `weir diff`: shows only the fields that apply would change.
@Command(
    name = "diff",
    description = "Show fields that apply would change.",
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      "0:an apply changes nothing",
      "1:error; one line on standard error names the cause and the remedy",
      "2:an apply changes something"
    })
public final class DiffCommand implements Callable<Integer> {
  private final CommandSession session;

  @Option(
      names = {"-f", "--filename"},
      required = true,
      paramLabel = "FILE|DIR|-",
      description = "manifests, YAML or JSON; may be given again")
  private List<String> files = new ArrayList<>();

  public DiffCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    ApplyPlan plan = session.client().plan(ManifestFiles.text(ManifestFiles.read(files, session)));
    if (format.document()) {
      session.document(PlanText.tree(plan));
    } else {
      session.text(PlanText.diff(plan, session.style()));
    }
    return plan.hasNoChanges() ? ExitStatus.OK : ExitStatus.CHANGES;
  }
}
