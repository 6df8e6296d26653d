// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.cli.AlertCommandsTest;
import dev.weir.cli.CliFixture;
import dev.weir.cli.FaultCommandsTest;
import dev.weir.cli.FleetFixture;
import dev.weir.cli.session.ExitStatus;
import dev.weir.client.FakeControl;
import dev.weir.model.spec.EngineType;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.AlertView.DeliveryState;
import dev.weir.model.view.EngineView;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.QueueView;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import dev.weir.model.view.ServiceView.ServingState;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class DoctorCommandTest {
  private static final String STORE =
      "{\"id\":\"a1\",\"revision\":3,\"auditEntries\":41,\"auditHead\":\"ab\"}";
  private static final String VERIFIED =
      "{\"entries\":41,\"verified\":true,\"witnesses\":2,\"contradictions\":[]}";

  private final CliFixture shell = new CliFixture();

  @AfterEach
  void close() {
    shell.close();
  }

  private void running(GatewayView... gateways) {
    shell
        .control
        .on("GET /ready", FakeControl.json("{}"))
        .on("GET /health", FakeControl.json("{}"))
        .on("GET /api/v1/whoami", FakeControl.json("{\"principal\": \"admin\"}"))
        .on("GET /api/v1/replicas", CliFixture.observed())
        .on("GET /api/v1/alerts", CliFixture.observed())
        .on("GET /api/v1/queues", queues(0))
        .on("GET /api/v1/store", FakeControl.json(STORE))
        .on("GET /api/v1/audit/verify", FakeControl.json(VERIFIED))
        .on("GET /api/v1/gateways", CliFixture.observed(gateways));
  }

  private static FakeControl.Reply queues(long oldestDueMillis) {
    return CliFixture.observed(
        new QueueView("urgent", 0, 0), new QueueView("ordinary", oldestDueMillis, 0));
  }

  private static GatewayView gateway(
      String id, long sequence, boolean connected, String... problems) {
    return new GatewayView(
        id,
        "b",
        "1",
        2,
        sequence,
        "h",
        GatewayView.HashStatus.RIGHT,
        7,
        0,
        CliFixture.NOW,
        CliFixture.NOW,
        0,
        connected,
        "",
        false,
        List.of(problems));
  }

  @Test
  void a_problem_of_a_gateway_is_a_warning() {
    running(gateway("g1", 7, true, "service default/chat: there is nothing at env:KEY"));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.out())
        .contains("service default/chat: there is nothing at env:KEY")
        .contains("fix it on that gateway's machine");
  }

  @Test
  void a_control_plane_that_cannot_keep_up_is_a_problem() {
    running(gateway("g1", 7, true));
    assertThat(shell.run("doctor").out()).contains("reconciling").contains("keeps up");
    shell.control.on("GET /api/v1/queues", queues(12_400));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out())
        .contains("the next ordinary reconciliation has been due for 12 s")
        .contains("give it more CPU");
  }

  @Test
  void an_unverified_audit_log_is_a_problem() {
    running(gateway("g1", 7, true));
    shell.control.on(
        "GET /api/v1/audit/verify",
        FakeControl.json(
            "{\"entries\":5,\"verified\":false,\"firstBad\":6,\"reason\":\"gateway g1 was sent"
                + " entry 9\",\"witnesses\":1,\"contradictions\":[{\"gateway\":\"g1\","
                + "\"sequence\":9,\"held\":\"ab\",\"found\":\"\",\"acknowledged\":false,"
                + "\"message\":\"gateway g1 was sent entry 9\"}]}"));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out())
        .contains("problem  audit log")
        .contains("from entry 6 on: gateway g1 was sent entry 9")
        .doesNotContain("no problems found");
  }

  @Test
  void a_gateway_that_follows_another_store_is_a_problem() {
    GatewayView other = gateway("g1", 7, true);
    running(
        new GatewayView(
            "g1",
            "b",
            "1",
            4,
            7,
            "h",
            GatewayView.HashStatus.UNKNOWN,
            9,
            0,
            CliFixture.NOW,
            CliFixture.NOW,
            0,
            true,
            "b2",
            true,
            other.problems()));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).contains("follows store b2").contains("--adopt-store");
  }

  @Test
  void every_check_is_printed_and_without_a_problem_the_status_is_0() {
    running(gateway("g1", 7, true));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.out())
        .contains("ok       control        responds and is ready")
        .contains("ok       key            belongs to admin")
        .contains("ok       gateway g1     connected, serves snapshot 7");
  }

  @Test
  void a_disconnected_gateway_is_a_problem_and_one_that_is_behind_a_warning() {
    running(gateway("g1", 7, false), gateway("g2", 5, true));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.status()).isEqualTo(ExitStatus.ERROR);
    assertThat(ended.out())
        .contains("problem  gateway g1")
        .contains("warning  gateway g2     is 2 snapshots behind")
        .contains("-> check its process");
  }

  @Test
  void firing_alerts_and_undelivered_notifications_are_printed_with_or_without_a_channel() {
    running(gateway("g1", 7, true));
    shell.control.on(
        "GET /api/v1/alerts",
        CliFixture.observed(AlertCommandsTest.reverted(DeliveryState.DEAD, "404 no such hook")));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.status()).isEqualTo(ExitStatus.ERROR);
    assertThat(ended.out())
        .contains("problem  alert          chat@2 of service default/chat was reverted")
        .contains(
            "warning  alert          alert rolloutReverted default/chat chat-1 was not delivered to channel hooks")
        .contains("-> try `weir alert test hooks`, then `weir alert retry 0a1b2c3d4e5f6071`");
  }

  @Test
  void a_channel_with_deliveries_that_wait_is_a_warning_with_the_last_error() {
    running(gateway("g1", 7, true));
    shell.control.on(
        "GET /api/v1/alerts",
        CliFixture.observed(AlertCommandsTest.reverted(DeliveryState.WAITING, "503 later")));
    assertThat(shell.run("doctor").out())
        .contains("warning  alert channel")
        .contains("1 delivery waits at channel hooks after up to 3 attempts; last error: 503 later")
        .contains("-> check its URL and credential with `weir alert test hooks`");
  }

  @Test
  void engines_with_missing_metrics_are_named_with_the_metrics() {
    running(gateway("g1", 7, true));
    ReplicaView reporting = FleetFixture.replica("1", 0, ReplicaState.READY, "ready");
    ReplicaView lacking = FleetFixture.replica("1", 1, ReplicaState.READY, "ready");
    shell.control.on(
        "GET /api/v1/replicas",
        CliFixture.observed(
            reporting.with(Optional.of(FleetFixture.engine(CliFixture.NOW, Optional.of(0.2)))),
            lacking.with(Optional.of(FleetFixture.engine(CliFixture.NOW, Optional.empty())))));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.status()).isEqualTo(ExitStatus.OK);
    assertThat(ended.out())
        .contains("ok       engines        2 Ready")
        .contains(
            "warning  metrics        vllm 0.10.2 at chat-1-1 does not report vllm:kv_cache_usage_perc");
    EngineView silent =
        new EngineView(
            new EngineType("sglang"),
            Optional.empty(),
            Optional.of(3L),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.of(CliFixture.NOW.minusSeconds(40)),
            "GET /metrics: no answer in time");
    shell.control.on(
        "GET /api/v1/replicas", CliFixture.observed(reporting.with(Optional.of(silent)), lacking));
    assertThat(shell.run("doctor").out())
        .contains("warning  metrics        sglang at chat-1-0 does not report its load")
        .contains("-> GET /metrics: no answer in time");
  }

  @Test
  void an_injected_fault_is_a_warning_with_its_name_and_end() {
    running(gateway("g1", 7, true));
    shell.control.on(
        "GET /api/v1/serving",
        CliFixture.observed(
            new ServiceView(
                "chat",
                "default",
                Optional.empty(),
                ServingState.SERVING,
                2,
                2,
                "",
                List.of(FaultCommandsTest.fault()),
                "")));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.status()).isEqualTo(ExitStatus.OK);
    assertThat(ended.out())
        .contains("warning  fault chat-flt-41")
        .contains("injected into chat-2-1 by ada until 2026-01-01T00:11:30Z: cut after 10 events")
        .contains("-> end it with `weir fault clear chat-flt-41 -n default`");
  }

  @Test
  void a_service_that_serves_another_version_than_its_spec_names_is_a_warning() {
    running(gateway("g1", 7, true));
    shell.control.on(
        "GET /api/v1/serving",
        CliFixture.observed(
            new ServiceView(
                "chat",
                "default",
                Optional.of(new VersionRef("chat", "2")),
                ServingState.SERVING,
                2,
                2,
                "",
                List.of(),
                "chat@3 was rolled back; `weir rollout retry chat` tries again")));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.status()).isEqualTo(ExitStatus.OK);
    assertThat(ended.out())
        .contains("warning  service chat   OutOfSync: chat@3 was rolled back; `weir rollout retry")
        .contains(
            "-> see `weir rollout explain chat -n default`; apply a version that works, or set"
                + " spec.version to chat@2");
  }

  @Test
  void an_unknown_key_is_a_problem() {
    running();
    shell.control.on("GET /api/v1/whoami", FakeControl.problem(401, "\"title\":\"no key\""));
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.status()).isEqualTo(ExitStatus.ERROR);
    assertThat(ended.out()).contains("problem  key").contains("WEIR_KEY");
  }

  @Test
  void a_machine_without_a_running_weir_is_only_a_warning() {
    shell.control.close();
    CliFixture.Ended ended = shell.run("doctor");
    assertThat(ended.status()).isEqualTo(ExitStatus.OK);
    assertThat(ended.out()).contains("does not run on this machine").contains("-> start it with");
  }

  @Test
  void json_is_one_document() {
    running(gateway("g1", 7, false));
    CliFixture.Ended ended = shell.run("doctor", "-o", "json");
    var tree = JsonMapper.shared().readTree(ended.out());
    assertThat(tree.path("problems").asInt()).isEqualTo(1);
    assertThat(tree.path("findings").valueStream())
        .anySatisfy(finding -> {
          assertThat(finding.path("check").asString()).isEqualTo("gateway g1");
          assertThat(finding.path("level").asString()).isEqualTo("problem");
          assertThat(finding.path("todo").asString()).isNotEmpty();
        });
  }

  @Test
  void a_finding_that_is_not_ok_names_the_remedy() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CheckResult.problem("x", "is broken", " "));
  }
}
