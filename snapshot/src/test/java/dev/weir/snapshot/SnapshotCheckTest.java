// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Audience;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.RoutingSnapshot.Ceilings;
import dev.weir.snapshot.RoutingSnapshot.Fallback;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.Grading;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.Mirror;
import dev.weir.snapshot.RoutingSnapshot.Recording;
import dev.weir.snapshot.RoutingSnapshot.Redaction;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.Rule;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SnapshotCheckTest {
  private static final ServiceEntry CHAT =
      Snapshots.service("chat", Snapshots.arm("chat@1", "http://127.0.0.1:9001"));

  @Test
  void a_valid_snapshot_has_no_problem() {
    assertThat(SnapshotCheck.problems(Snapshots.small())).isEmpty();
    assertThat(
            SnapshotCheck.problems(
                Snapshots.of(
                    3,
                    Snapshots.withCanary(
                        CHAT, Snapshots.arm("chat@2", "https://[::1]:1/base"), 0, 1_000_000))))
        .isEmpty();
  }

  @Test
  void keys_must_be_distinct_hashes_with_a_tenant() {
    KeyEntry valid = Snapshots.key("one");
    assertThat(
            SnapshotCheck.problems(
                Snapshots.withKeys(
                    Snapshots.small(),
                    valid,
                    valid,
                    new KeyEntry("plain", "mallory", "", 0, List.of(), false))))
        .containsExactly(
            "key of application: appears twice",
            "key of mallory: hash is not sha256:<64 hex digits>",
            "key of mallory: has no tenant");
  }

  @Test
  void rules_and_fallbacks_must_refer_to_known_services_too() {
    Backend missing = new Backend("default/gone", 1);
    Fallback chat = new Fallback("default/chat", List.of(Cause.DOWN));
    var route =
        new RouteEntry(
            "gpt",
            "default",
            List.of(new Backend("default/chat", 1)),
            "chat",
            List.of(new Rule(Map.of("x-team", "search"), List.of(), List.of(missing))),
            List.of(chat, chat, new Fallback("default/lost", List.of(Cause.SATURATED))),
            List.of(new Mirror("default/void", 1_000_001)),
            new Ceilings(0, 0, -1, 0));
    assertThat(SnapshotCheck.problems(Snapshots.withRoutes(Snapshots.small(), route)))
        .containsExactly(
            "route gpt rule: unknown service default/gone",
            "route gpt fallback: names default/chat twice",
            "route gpt fallback: unknown service default/lost",
            "route gpt mirror: unknown service default/void",
            "route gpt mirror: shareMillionths is not in 0 to 1000000: 1000001",
            "route gpt: ceilings must not be negative: " + route.ceilings());
  }

  @Test
  void routes_must_be_distinct_and_refer_to_known_services() {
    var twice =
        new RouteEntry(
            "chat",
            "default",
            List.of(
                new Backend("default/chat", -1),
                new Backend("default/chat", 1),
                new Backend("default/gone", 1)));
    assertThat(SnapshotCheck.problems(Snapshots.withRoutes(Snapshots.small(), twice, twice)))
        .contains(
            "route chat: weight is negative: -1",
            "route chat: names default/chat twice",
            "route chat: unknown service default/gone",
            "route chat: appears twice");
  }

  @Test
  void the_description_of_an_engine_is_bounded_and_names_paths() {
    EngineCapabilities wrong =
        new EngineCapabilities(
            List.of("admin"), true, false, false, -1, List.of(), List.of("Too Long"));
    assertThat(
            SnapshotCheck.problems(
                Snapshots.of(
                    1, Snapshots.service("chat", Snapshots.described(CHAT.stable(), wrong)))))
        .containsExactly(
            "service default/chat stable engine: apis are not at most 64 paths: [admin]",
            "service default/chat stable engine: completionTokens is negative: -1",
            "service default/chat stable engine: contextTexts are blank or not lower case: [Too Long]");
  }

  @Test
  void a_service_must_have_valid_arms_and_policy() {
    var replica = new ReplicaEntry("r", "http://127.0.0.1:1/", "vllm", "chat");
    var invalid =
        new ServiceEntry(
                "default/other",
                "default",
                "chat",
                new Arm("chat@1", List.of(replica, new ReplicaEntry("r", "ftp://x", "", ""))),
                List.of(),
                new Timeouts(0, 1, 1, 1),
                101,
                0,
                false,
                "X-Session")
            .with(new Isolation(0, 1, 101, 50, 1));
    assertThat(SnapshotCheck.problems(Snapshots.of(1, invalid, CHAT, CHAT)))
        .contains(
            "service default/other: id is not default/chat",
            "service default/other: retryBudgetPercent is not in 0 to 100: 101",
            "service default/other: maxAttempts is below 1: 0",
            "service default/other: sessionHeader is not lower case: X-Session",
            "service default/other stable replica r: appears twice",
            "service default/other stable replica r: has no engine",
            "service default/other stable replica r: has no served model",
            "service default/chat: appears twice")
        .anyMatch(p -> p.contains("timeouts must all be above 0"))
        .anyMatch(p -> p.contains("of isolation must be above 0"))
        .anyMatch(p -> p.contains("shares of isolation are not in 0 to 100"))
        .anyMatch(p -> p.endsWith("http://127.0.0.1:1/"))
        .anyMatch(p -> p.endsWith("ftp://x"));
  }

  @Test
  void a_canary_must_be_another_version_with_a_weight_in_range() {
    assertThat(
            SnapshotCheck.problems(
                Snapshots.of(
                    1,
                    Snapshots.withCanary(
                        CHAT, Snapshots.arm("chat@1", "http://127.0.0.1:9001"), -1, 1_000_001))))
        .containsExactly(
            "service default/chat canary replica chat-1-0: appears twice",
            "service default/chat canary: is the stable version chat@1",
            "service default/chat canary: weightMillionths is not in 0 to 1000000: 1000001",
            "service default/chat canary: step is negative: -1");
  }

  @Test
  void a_drawn_audience_is_not_mirrored_and_an_audience_names_its_members() {
    ServiceEntry canary =
        Snapshots.withCanary(CHAT, Snapshots.arm("chat@2", "http://127.0.0.1:9002"), 0, 10_000);
    var audience =
        List.of(
            new Audience(Map.of(), List.of()),
            new Audience(Map.of("X-Team", "search"), List.of(" ")));
    var invalid =
        new CanaryArm(
            canary.canary().getFirst().arm(), "r/1", 0, "salt", 10_000, true, audience, 1_000_001);
    assertThat(SnapshotCheck.problems(Snapshots.of(1, canary.withCanary(Optional.of(invalid)))))
        .containsExactly(
            "service default/chat canary: mirrorMillionths is not in 0 to 1000000: 1000001",
            "service default/chat canary audience: has neither headers nor tenants",
            "service default/chat canary audience: header is blank or not lower case: X-Team",
            "service default/chat canary audience: has a blank tenant");
    assertThat(
            SnapshotCheck.problems(
                Snapshots.of(1, canary.withCanary(Optional.of(invalid.with(List.of()))))))
        .contains(
            "service default/chat canary: answers 10000 millionths of all requests and copies"
                + " 1000001: a selected request is not mirrored");
    var valid =
        invalid
            .with(List.of(new Audience(Map.of("x-team", "search"), List.of())))
            .shadowing(1_000_000);
    assertThat(SnapshotCheck.problems(Snapshots.of(1, canary.withCanary(Optional.of(valid)))))
        .isEmpty();
  }

  @Test
  void recording_has_bounds() {
    var wrong = new Recording(1_000_001, 10_001, 0, "secret", List.of(new Redaction("(", "x")));
    assertThat(SnapshotCheck.problems(Snapshots.of(1, CHAT.with(wrong))))
        .containsExactly(
            "service default/chat recording: sampleMillionths is not in 0 to 1000000: 1000001",
            "service default/chat recording: keep is not in 1 to 10000, or maxAgeMillis not above"
                + " 0: 10001, 0",
            "service default/chat recording: key is not a reference env:NAME or file:PATH",
            "service default/chat recording: pattern is not a regular expression: Unclosed group");
    var keyless = new Recording(1, 1, 1, "", List.of());
    assertThat(SnapshotCheck.problems(Snapshots.of(1, CHAT.with(keyless)))).hasSize(1);
    var valid = new Recording(10_000, 100, 1_000, "env:KEY", List.of(new Redaction("a+", "[a]")));
    assertThat(SnapshotCheck.problems(Snapshots.of(1, CHAT.with(valid)))).isEmpty();
  }

  @Test
  void request_generation_has_bounds() {
    ServiceEntry canary =
        Snapshots.withCanary(CHAT, Snapshots.arm("chat@2", "http://127.0.0.1:9002"), 0, 10_000);
    var wrong =
        new Generated(
            RequestSource.CLIENTS, 50_001, false, List.of("a".repeat(65_536), " "), 4_097);
    assertThat(SnapshotCheck.problems(Snapshots.of(1, generating(canary, wrong))))
        .containsExactly(
            "service default/chat canary generated: stratum is CLIENTS",
            "service default/chat canary generated: millihertz is not in 0 to 50000: 50001",
            "service default/chat canary generated: maxTokens is not in 1 to 4096: 4097",
            "service default/chat canary generated: prompts are blank, or longer than 65536"
                + " characters in total");
    var valid =
        new Generated(RequestSource.RECORDED, 50_000, false, List.of("a".repeat(65_536)), 4_096);
    assertThat(SnapshotCheck.problems(Snapshots.of(1, generating(canary, valid)))).isEmpty();
  }

  @Test
  void grading_has_bounds() {
    ServiceEntry canary =
        Snapshots.withCanary(CHAT, Snapshots.arm("chat@2", "http://127.0.0.1:9002"), 0, 10_000);
    var wrong = new Grading("", 1_000_001, "a".repeat(65_537), 0, 600_001);
    assertThat(SnapshotCheck.problems(Snapshots.of(1, graded(canary, wrong))))
        .containsExactly(
            "service default/chat canary grading: shareMillionths is not in 0 to 1000000: 1000001",
            "service default/chat canary grading: has no judge",
            "service default/chat canary grading: maxTokens is not in 1 to 4096: 0",
            "service default/chat canary grading: withinMillis is not in 1 to 600000: 600001",
            "service default/chat canary grading: instructions are longer than 65536 characters");
    var valid = new Grading("default/judge", 1_000_000, "", 4_096, 600_000);
    assertThat(SnapshotCheck.problems(Snapshots.of(1, graded(canary, valid)))).isEmpty();
  }

  private static ServiceEntry graded(ServiceEntry service, Grading grading) {
    return service.withCanary(service.canary().stream().map(c -> c.graded(grading)).findFirst());
  }

  private static ServiceEntry generating(ServiceEntry service, Generated generated) {
    return service.withCanary(
        service.canary().stream().map(c -> c.generating(generated)).findFirst());
  }

  @Test
  void an_unnumbered_snapshot_is_refused() {
    assertThat(SnapshotCheck.problems(Snapshots.withSequence(Snapshots.small(), 0)))
        .containsExactly("sequence: is 0, the first is 1");
  }
}
