// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CliSettings;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.DurationOption;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.rehearsal.traffic.GatewayModels;
import dev.weir.rehearsal.traffic.TrafficLoad;
import dev.weir.rehearsal.traffic.TrafficRun;
import dev.weir.rehearsal.traffic.TrafficSummary;
import dev.weir.rehearsal.traffic.TrafficTarget;
import dev.weir.rehearsal.traffic.TrafficText;
import dev.weir.simulator.player.TracePlayer;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/// `weir traffic`: sends generated requests to a Service through the gateway of the context, so
/// that a release without clients has evidence.
@Command(
    name = "traffic",
    description = "Send generated requests to a Service through the context's gateway.",
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      "0:at least one request was served",
      "1:error, or all requests failed",
      "130:ended by Ctrl-C, after the summary",
      "143:ended by SIGTERM, after the summary"
    })
final class TrafficCommand implements Callable<Integer> {
  private static final Duration DURATION_MAX = Duration.ofDays(1);

  private final CommandSession session;

  @Parameters(paramLabel = "SERVICE", description = "name of the Service")
  private String service = "";

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "mean requests per second, 0.1 to 500 (default 20)")
  private double rate = 20;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "end after this time, at most 24h (default 10m)")
  private String duration = "10m";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "seed of the requests and their times (default 1)")
  private long seed = 1;

  TrafficCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    OutputFormat format = session.format();
    TrafficLoad load = load();
    Duration time = time();
    TrafficTarget target = target(session.settings());
    if (!GatewayModels.requireService(target)) {
      session.note(target.id() + " has no ready replica yet: requests wait or fail until it has");
    }
    try (ShutdownSignal stop = ShutdownSignal.install()) {
      session.note(
          "sending %s requests/s to %s at %s for %s; Ctrl-C ends"
              .formatted(
                  BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString(),
                  target.id(),
                  target.gateway(),
                  duration));
      String prefix = "traffic-" + Long.toString(session.now().toEpochMilli(), 36);
      TrafficRun run = new TrafficRun(stop, System::nanoTime, session::note);
      TrafficSummary summary =
          TrafficSummary.of(
              target.id(), run.play(TracePlayer.start(load.player(target, prefix)), time));
      print(format, summary);
      return summary.allFailed() ? ExitStatus.ERROR : ExitStatus.OK;
    }
  }

  private TrafficLoad load() {
    try {
      return new TrafficLoad(rate, seed);
    } catch (IllegalArgumentException outOfRange) {
      throw CliException.usage("--rate: " + outOfRange.getMessage());
    }
  }

  private Duration time() {
    Duration time = DurationOption.of("--duration", duration);
    if (!time.isPositive() || time.compareTo(DURATION_MAX) > 0) {
      throw CliException.usage("--duration is " + duration + ", must be above 0 and at most 24h");
    }
    return time;
  }

  private TrafficTarget target(CliSettings settings) {
    String gateway = settings.gateway().orElseThrow(() -> noGateway(settings));
    String key =
        settings
            .endpoint()
            .key()
            .orElseThrow(() ->
                CliException.error(
                    "no API key: pass one with --key, WEIR_KEY or a context's key file; `%s` creates one"
                        .formatted(GatewayModels.createKey(settings.namespace()))));
    return new TrafficTarget(
        URI.create(gateway), settings.ca(), key, settings.namespace(), service);
  }

  private static CliException noGateway(CliSettings settings) {
    Optional<String> context = settings.context();
    return CliException.error(
        "%s: set one with `weir context set %s --server %s --gateway URL`; `./weir up` sets it for its context"
            .formatted(
                context
                    .map(name -> "context '" + name + "' names no gateway")
                    .orElse("no context for " + settings.endpoint().server()),
                context.orElse("NAME"),
                settings.endpoint().server()));
  }

  private void print(OutputFormat format, TrafficSummary summary) {
    if (format.document()) {
      session.document(JsonMapper.shared().valueToTree(summary));
    } else {
      session.text(TrafficText.summary(summary));
    }
  }
}
