// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.resource.ReleaseWait;
import dev.weir.cli.resource.RolloutLookup;
import dev.weir.cli.resource.WaitProgress;
import dev.weir.cli.session.CliIo;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.DurationOption;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.LiveScreen;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.session.StatusLine;
import dev.weir.cli.text.NumberFormats;
import dev.weir.cli.text.RolloutScreen;
import dev.weir.cli.text.RolloutText;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.model.Rollout;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.SummaryView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `weir rollout watch`: a live screen on a terminal, elsewhere one line for each change.
@Command(
    name = "watch",
    description =
        "Follow the rollout until it ends; exit status 0 completed, 3 reverted, 4 paused.",
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      "0:the version was promoted",
      "3:the release was rolled back, aborted or superseded",
      "4:the release is paused"
    })
final class RolloutWatch implements Callable<Integer> {
  private static final String LIMIT = "30d";

  private final CommandSession session;

  @Parameters(paramLabel = "SERVICE", description = "name of the Service")
  private String service = "";

  RolloutWatch(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    OutputFormat format = session.format();
    CliIo io = session.io();
    Rollout rollout;
    boolean drawn = false;
    try (StatusLine line = new StatusLine(format.document() ? io.err() : io.out(), io.terminal())) {
      if (io.terminal() && !format.document()) {
        Screen screen = new Screen(line);
        rollout = ended(screen);
        drawn = screen.drawn;
      } else {
        rollout = ended(new Lines(line));
      }
    }
    if (!drawn) {
      print(rollout, format);
    }
    return ExitStatus.of(rollout.status().phase());
  }

  /// A screen shows the end already.
  private void print(Rollout rollout, OutputFormat format) {
    Optional<SummaryView> summary = new RolloutLookup(session).summary(rollout);
    if (format.document()) {
      session.document(RolloutText.document(rollout, summary));
    } else {
      session.text(RolloutText.status(rollout, summary, session.now(), session.style()));
    }
  }

  private Rollout ended(WaitProgress progress) throws InterruptedException {
    return new ReleaseWait(session, progress)
        .rollout(service, DurationOption.of("", LIMIT), LIMIT, true);
  }

  /// Draws the release again whenever it changes. Before the rollout exists, and with a control
  /// plane that is too old to summarise it, it is one line.
  private final class Screen implements WaitProgress {
    private final StatusLine line;
    private final LiveScreen screen = new LiveScreen(session.io().out());
    private boolean drawn;

    Screen(StatusLine line) {
      this.line = line;
    }

    @Override
    public void show(String text) {
      line.show(text);
    }

    @Override
    public void show(Rollout rollout) {
      new RolloutLookup(session)
          .summary(rollout)
          .ifPresentOrElse(
              summary -> draw(rollout, summary), () -> line.show(RolloutText.progress(rollout)));
    }

    private void draw(Rollout rollout, SummaryView summary) {
      line.close();
      drawn = true;
      List<ReplicaView> replicas =
          session.client().replicas().stream()
              .filter(replica -> replica.namespace().equals(rollout.metadata().namespace()))
              .filter(replica -> replica.service().equals(rollout.spec().service()))
              .toList();
      screen.show(RolloutScreen.of(rollout, summary, replicas, session.now(), session.style()));
    }
  }

  /// Prints the release in words whenever its phase or its share changes, and once a minute.
  private final class Lines implements WaitProgress {
    private static final Duration REPEAT = Duration.ofMinutes(1);

    private final StatusLine line;
    private final RolloutLookup lookup = new RolloutLookup(session);
    private String shown = "";
    private Instant shownAt = Instant.MIN;

    Lines(StatusLine line) {
      this.line = line;
    }

    @Override
    public void show(String text) {
      line.show(text);
    }

    @Override
    public void show(Rollout rollout) {
      String state = (rollout.status().phase().text() + " " + RolloutText.share(rollout)).strip();
      Instant now = session.now();
      if (!state.equals(shown) || !now.isBefore(shownAt.plus(REPEAT))) {
        shown = state;
        shownAt = now;
        line.show(
            "%s %s %s: %s"
                .formatted(
                    NumberFormats.time(now), rollout.metadata().name(), state, words(rollout)));
      }
    }

    private String words(Rollout rollout) {
      return lookup
          .summary(rollout)
          .map(summary -> TerminalSanitizer.line(summary.text()))
          .orElseGet(() -> RolloutText.progress(rollout));
    }
  }
}
