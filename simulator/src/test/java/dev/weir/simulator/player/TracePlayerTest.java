// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.simulator.SimOptions;
import dev.weir.simulator.SimServer;
import dev.weir.simulator.fault.FaultPlan;
import dev.weir.simulator.player.PlayerReport.Requests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The player against simulated servers whose faults are known.
class TracePlayerTest {
  private static final int REQUESTS = 60;

  @TempDir private Path folder;
  private SimServer server;
  private Path trace;

  @BeforeEach
  void start() throws IOException {
    server =
        SimServer.start(SimOptions.parse("--port", "0", "--version", "1", "--time-scale", "100"));
    trace = folder.resolve("trace.jsonl");
    StringBuilder lines = new StringBuilder();
    for (int index = 0; index < REQUESTS; index++) {
      lines
          .append("{\"timestamp\":")
          .append(index * 5)
          .append(",\"input_length\":")
          .append(50 + index)
          .append(",\"output_length\":")
          .append(3 + index % 10)
          .append("}\n");
    }
    Files.writeString(trace, lines);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void fault(String name, String value) {
    server.setFaults(FaultPlan.NONE.with(Map.of(name, value)));
  }

  private PlayerReport play(String... more) throws InterruptedException {
    try (PlayerHandle player = TracePlayer.start(options(more))) {
      assertThat(player.awaitEnd(Duration.ofSeconds(60))).isTrue();
      return player.stop();
    }
  }

  private PlayerOptions options(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("--url", server.baseUrl(), "--trace", trace.toString(), "--version", "1"));
    args.addAll(List.of(more));
    return PlayerOptions.parse(args.toArray(String[]::new));
  }

  @Test
  void a_healthy_server_serves_everything() throws InterruptedException {
    PlayerReport report = play();
    Requests requests = report.requests();
    assertThat(report.reasons()).isEmpty();
    assertThat(requests.planned()).isEqualTo(REQUESTS);
    assertThat(requests.served()).isEqualTo(REQUESTS);
    assertThat(requests.failed() + requests.harmed() + requests.inFlight()).isZero();
    assertThat(requests.streamed()).isBetween(20L, 59L);
    PlayerReport.VersionReport version = report.versions().getFirst();
    assertThat(version.version()).isEqualTo("1");
    assertThat(version.ttft().count()).isEqualTo(requests.streamed());
    assertThat(version.endToEnd().count()).isEqualTo(REQUESTS);
    assertThat(version.itl().count()).isPositive();
    assertThat(version.endToEnd().p99Millis())
        .isGreaterThanOrEqualTo(version.endToEnd().p50Millis());
    assertThat(report.planDigest()).hasSize(64);
    assertThat(report.traffic()).isEqualTo("trace.jsonl");
  }

  @Test
  void wrong_answers_are_harm() throws InterruptedException {
    fault("wrongAnswerRate", "1");
    PlayerReport report = play();
    assertThat(report.requests().harmed()).isEqualTo(REQUESTS);
    assertThat(report.requests().failed()).isZero();
    assertThat(report.reasons()).containsExactly(Map.entry("wrong text", (long) REQUESTS));
    assertThat(report.examples()).hasSize(20);
    assertThat(report.examples().getFirst().requestId()).startsWith("play-");
  }

  @Test
  void poor_answers_are_harm() throws InterruptedException {
    fault("poorRate", "1");
    assertThat(play().reasons()).containsExactly(Map.entry("wrong text", (long) REQUESTS));
  }

  @Test
  void empty_answers_are_harm() throws InterruptedException {
    fault("emptyAnswerRate", "1");
    assertThat(play().requests().harmed()).isEqualTo(REQUESTS);
  }

  @Test
  void errors_are_failures() throws InterruptedException {
    fault("errorRate", "1");
    PlayerReport report = play();
    assertThat(report.requests().failed()).isEqualTo(REQUESTS);
    assertThat(report.reasons()).containsOnlyKeys("status 500");
  }

  @Test
  void cuts_are_failures() throws InterruptedException {
    server.setFaults(FaultPlan.NONE.with(Map.of("cutRate", "1", "cutAfterTokens", "2")));
    PlayerReport report = play();
    assertThat(report.requests().failed()).isEqualTo(REQUESTS);
    assertThat(report.reasons()).containsOnlyKeys("connection closed");
  }

  @Test
  void stalls_end_in_a_timeout() throws InterruptedException {
    fault("stallRate", "1");
    PlayerReport report = play("--request-timeout", "0.5");
    long stalled = report.requests().failed();
    assertThat(stalled + report.requests().served()).isEqualTo(REQUESTS);
    assertThat(report.reasons()).containsExactly(Map.entry("timeout", stalled));
    assertThat(stalled).isGreaterThan(REQUESTS / 2);
  }

  @Test
  void a_dead_address_fails_every_request() throws InterruptedException {
    PlayerOptions options = options();
    server.close();
    try (PlayerHandle player = TracePlayer.start(options)) {
      assertThat(player.awaitEnd(Duration.ofSeconds(60))).isTrue();
      PlayerReport report = player.stop();
      assertThat(report.requests().failed()).isEqualTo(REQUESTS);
      assertThat(report.reasons()).containsOnlyKeys("connection refused");
    }
  }

  @Test
  void wrong_answers_of_a_faulty_version_are_counted_separately() throws InterruptedException {
    server.setFaults(FaultPlan.NONE.with(Map.of("errorRate", "0.3", "wrongAnswerRate", "0.3")));
    PlayerReport apart = play("--version", "3", "--faulty", "chat@3");
    assertThat(apart.requests().badAnswersExposed()).isPositive();
    assertThat(apart.requests().failed() + apart.requests().harmed()).isZero();
    assertThat(play("--version", "3").requests().failed()).isPositive();
  }

  @Test
  void a_version_can_be_marked_faulty_later() throws InterruptedException {
    fault("wrongAnswerRate", "1");
    try (PlayerHandle player = TracePlayer.start(options())) {
      assertThat(player.awaitEnd(Duration.ofSeconds(60))).isTrue();
      assertThat(player.snapshot().requests().harmed()).isEqualTo(REQUESTS);
      player.markFaulty("chat@1");
      assertThat(player.snapshot().requests().harmed()).isZero();
      assertThat(player.snapshot().requests().badAnswersExposed()).isEqualTo(REQUESTS);
    }
  }

  @Test
  void requests_beyond_the_in_flight_limit_are_dropped_and_count_as_failed()
      throws InterruptedException {
    server.setFaults(FaultPlan.NONE.with(Map.of("stallRate", "1", "stallAfterTokens", "0")));
    PlayerReport report = play("--max-in-flight", "5", "--request-timeout", "0.6");
    assertThat(report.requests().dropped()).isPositive();
    assertThat(report.requests().failed()).isEqualTo(REQUESTS);
    assertThat(report.reasons().get("dropped: too many in flight"))
        .isEqualTo(report.requests().dropped());
  }

  @Test
  void stopping_fails_unanswered_requests() throws InterruptedException {
    server.setFaults(FaultPlan.NONE.with(Map.of("stallRate", "1", "stallAfterTokens", "0")));
    try (PlayerHandle player = TracePlayer.start(options("--drain-timeout", "0.2"))) {
      assertThat(player.awaitEnd(Duration.ofMillis(500))).isFalse();
      PlayerReport report = player.stop();
      assertThat(report.requests().inFlight()).isZero();
      assertThat(report.reasons()).containsOnlyKeys("unanswered at the end");
      assertThat(player.stop()).isEqualTo(report);
    }
  }

  @Test
  void the_command_prints_a_report_as_json() throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    int status =
        PlayerCommand.run(
            print,
            print,
            new AtomicBoolean(),
            "--url",
            server.baseUrl(),
            "--trace",
            trace.toString(),
            "--version",
            "1",
            "--report-every",
            "0.05");
    assertThat(status).isZero();
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    JsonNode last = JsonMapper.shared().readTree(lines.getLast());
    assertThat(last.get("type").asString()).isEqualTo("report");
    assertThat(last.at("/requests/served").asInt()).isEqualTo(REQUESTS);
    assertThat(last.at("/versions/0/ttft/p50Millis").isNumber()).isTrue();
    assertThat(JsonMapper.shared().readTree(lines.getFirst()).get("type").asString())
        .isIn("progress", "report");
  }

  @Test
  void invalid_flags_are_named() throws InterruptedException {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(err, true, StandardCharsets.UTF_8);
    assertThat(PlayerCommand.run(print, print, new AtomicBoolean())).isEqualTo(64);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("--url is required");
    assertThatThrownBy(() -> options("--url", "ftp://x")).hasMessageContaining("http://host:port");
    assertThatThrownBy(() -> options("--streamed", "2")).hasMessageContaining("streamed share 2.0");
  }
}
