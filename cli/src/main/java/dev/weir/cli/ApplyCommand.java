// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.ReleaseText;
import dev.weir.client.ApplyPlan;
import dev.weir.client.ApplyResponse;
import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.model.codec.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `weir apply`: creates or changes resources, all or none; more than a control plane takes at once
/// in several transactions.
@Command(name = "apply", description = "Create or change resources from manifests, all or none.")
final class ApplyCommand implements Callable<Integer> {
  private final CommandSession session;

  @Option(
      names = {"-f", "--filename"},
      required = true,
      paramLabel = "FILE|DIR|-",
      description =
          "manifests, YAML or JSON; may be given again. More than 1,000 resources are applied in"
              + " several transactions: an error says how far it came")
  private List<String> files = new ArrayList<>();

  @Option(names = "--dry-run", description = "check and say what would happen, change nothing")
  private boolean dryRun;

  @Option(
      names = "--wait",
      description = "until each Service serves what it asks for (status 3, 4: its release did not)")
  private boolean wait;

  @Option(names = "--timeout", paramLabel = "TIME", description = "of --wait (default 1h)")
  private String timeout = "1h";

  @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit log")
  private String reason = "";

  ApplyCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    OutputFormat format = session.format();
    Duration atMost = DurationOption.of("--timeout", timeout);
    List<Resource> resources = ManifestFiles.read(files, session);
    List<ApplyResponse> answers = new ArrayList<>();
    Consumer<ApplyResponse> applied =
        answer -> {
          answers.add(answer);
          if (!format.document()) {
            print(answer);
          }
        };
    if (dryRun) {
      // Not in parts: each check has to see all that the resources refer to.
      applied.accept(session.client().apply(ManifestFiles.text(resources), true, reason));
    } else {
      ApplyParts.of(resources).apply(session.client(), reason, applied);
    }
    if (format.document()) {
      session.document(Json.tree(ApplyParts.joined(answers)));
    }
    return wait && !dryRun ? served(resources, atMost) : ExitStatus.OK;
  }

  private void print(ApplyResponse answer) {
    answer.results().forEach(result -> session.line(WriteResultText.line(result, dryRun, session)));
    answer.rollouts().forEach(this::printRelease);
    answer.warnings().forEach(warning -> session.io().err().println("warning: " + warning));
  }

  private void printRelease(ApplyPlan.Release release) {
    session.line((dryRun ? "would release " : "releasing ") + ReleaseText.headline(release));
    ReleaseText.details(release).forEach(line -> session.line("  " + line));
  }

  private int served(List<Resource> resources, Duration atMost) throws InterruptedException {
    int ending = ExitStatus.OK;
    try (StatusLine progress = new StatusLine(session.io().err(), session.io().terminal())) {
      for (Resource resource : resources) {
        if (resource instanceof Service service) {
          ending = ExitStatus.worse(ending, served(service, atMost, progress));
        }
      }
    }
    return ending;
  }

  private int served(Service service, Duration atMost, StatusLine progress)
      throws InterruptedException {
    return new ReleaseWait(session, progress).serving(service.ref(), atMost, timeout);
  }
}
