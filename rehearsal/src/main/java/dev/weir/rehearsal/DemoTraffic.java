// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import dev.weir.simulator.player.PlayerReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The clients of the demo: the trace player as a child process, and its reports.
final class DemoTraffic implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final long REPORT_SECONDS = 60;

  private final ChildProcess player;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Optional<PlayerReport> latest = Optional.empty();

  private DemoTraffic(ChildProcess player) {
    this.player = player;
  }

  /// @param rate requests per second of the fitted trace; a trace file uses `speed` instead
  /// @param faulty versions whose bad answers are counted separately
  record Plan(
      Optional<Path> trace,
      double rate,
      double speed,
      long seed,
      double answerScale,
      int promptMax,
      List<String> faulty) {}

  static DemoTraffic start(
      Plan plan, String gateway, String model, String key, List<String> weir, Path folder)
      throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of(
                "player",
                "--url",
                gateway,
                "--model",
                model,
                "--api-key",
                key,
                "--seed",
                Long.toString(plan.seed()),
                "--answer-scale",
                Double.toString(plan.answerScale()),
                "--prompt-max",
                Integer.toString(plan.promptMax()),
                "--until-stdin-eof",
                "--report-every",
                "0.5"));
    plan.trace()
        .ifPresentOrElse(
            file ->
                args.addAll(
                    List.of("--trace", file.toString(), "--speed", Double.toString(plan.speed()))),
            () -> args.addAll(List.of("--rate", Double.toString(plan.rate()))));
    plan.faulty().forEach(version -> args.addAll(List.of("--faulty", version)));
    DemoTraffic traffic =
        new DemoTraffic(ChildProcess.start("player", weir, args, folder, Map.of()));
    Thread reader = traffic.player.readLines(traffic::read);
    Thread.ofVirtual().start(() -> traffic.signalEnd(reader));
    return traffic;
  }

  private void signalEnd(Thread reader) {
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  private void read(String line) {
    JsonNode node = JSON.readTree(line);
    if (node instanceof ObjectNode report) {
      report.remove("type");
      latest = Optional.of(JSON.treeToValue(report, PlayerReport.class));
    }
  }

  /// The latest report of the clients; empty before the first one.
  Optional<PlayerReport> seen() {
    player.mustLive();
    return latest;
  }

  /// Stops sending, waits for requests in flight, and returns the final report.
  PlayerReport stop() throws IOException, InterruptedException {
    player.endInput();
    if (!ended.await(REPORT_SECONDS, TimeUnit.SECONDS)) {
      throw new DemoException("the trace player did not end:\n" + player.lastLines());
    }
    return latest.orElseThrow(() ->
        new DemoException("the trace player did not report anything:\n" + player.lastLines()));
  }

  @Override
  public void close() {
    player.close();
  }
}
