// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.DurationOption;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.session.StatusLine;
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

/// `weir apply`: creates or changes resources, in one transaction where they fit into one request.
@Command(
    name = "apply",
    description = "Create or change resources from manifests in one transaction.",
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      "0:applied; with --wait also served",
      "3:--wait: a release was rolled back, aborted or superseded",
      "4:--wait: a release is paused"
    })
public final class ApplyCommand implements Callable<Integer> {
  private final CommandSession session;

  @Option(
      names = {"-f", "--filename"},
      required = true,
      paramLabel = "FILE|DIR|-",
      description =
          "manifests, YAML or JSON; may be given again. More than 1,000 resources are applied in"
              + " several transactions: an error reports which were applied")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--dry-run",
      description = "validate and show the result without changing anything")
  private boolean dryRun;

  @Option(
      names = "--wait",
      description =
          "wait until each Service serves its spec.version (exit status 3 reverted, 4 paused)")
  private boolean wait;

  @Option(names = "--timeout", paramLabel = "TIME", description = "timeout of --wait (default 1h)")
  private String timeout = "1h";

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "reason, recorded in the audit log")
  private String reason = "";

  public ApplyCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    OutputFormat format = session.format();
    Duration maxWait = DurationOption.of("--timeout", timeout);
    List<Resource> resources = ManifestFiles.read(files, session);
    List<ApplyResponse> responses = new ArrayList<>();
    Consumer<ApplyResponse> applied =
        response -> {
          responses.add(response);
          if (!format.document()) {
            print(response);
          }
        };
    if (dryRun) {
      // Not in parts: each check needs every resource that the others refer to.
      applied.accept(session.client().apply(ManifestFiles.text(resources), true, reason));
    } else {
      ApplyParts.of(resources).apply(session.client(), reason, applied);
    }
    if (format.document()) {
      session.document(Json.tree(ApplyParts.joined(responses)));
    }
    return wait && !dryRun ? served(resources, maxWait) : ExitStatus.OK;
  }

  private void print(ApplyResponse response) {
    response
        .results()
        .forEach(result -> session.line(WriteResultText.line(result, dryRun, session)));
    response.rollouts().forEach(this::printRelease);
    response.warnings().forEach(warning -> session.io().err().println("warning: " + warning));
  }

  private void printRelease(ApplyPlan.Release release) {
    session.line((dryRun ? "would release " : "releasing ") + ReleaseText.headline(release));
    ReleaseText.details(release).forEach(line -> session.line("  " + line));
    ReleaseText.warnings(release).forEach(line -> session.line("  " + line));
  }

  private int served(List<Resource> resources, Duration maxWait) throws InterruptedException {
    int status = ExitStatus.OK;
    try (StatusLine progress = new StatusLine(session.io().err(), session.io().terminal())) {
      for (Resource resource : resources) {
        if (resource instanceof Service service) {
          status = ExitStatus.worse(status, served(service, maxWait, progress));
        }
      }
    }
    return status;
  }

  private int served(Service service, Duration maxWait, StatusLine progress)
      throws InterruptedException {
    return new ReleaseWait(session, progress::show).serving(service.ref(), maxWait, timeout);
  }
}
