// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Audience;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.Grading;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SnapshotCodecTest {
  @Test
  void the_encoded_snapshot_is_the_golden_file() throws IOException {
    assertThat(new String(SnapshotCodec.encode(golden()), StandardCharsets.UTF_8))
        .isEqualTo(resource("snapshot.golden.json"));
  }

  @Test
  void the_golden_file_is_read_back_as_the_same_snapshot() throws IOException {
    byte[] bytes = resource("snapshot.golden.json").getBytes(StandardCharsets.UTF_8);
    assertThat(SnapshotCodec.decode(bytes)).isEqualTo(golden());
    assertThat(SnapshotCodec.hash(bytes))
        .isEqualTo(SnapshotCodec.publish(golden()).hash())
        .matches("[0-9a-f]{64}");
  }

  @Test
  void unknown_fields_are_ignored() throws IOException {
    String json = new String(SnapshotCodec.encode(golden()), StandardCharsets.UTF_8);
    String newer = json.replace("\"keys\":", "\"shadow\":{\"a\":[1,{}]},\"keys\":");
    assertThat(SnapshotCodec.decode(utf8(newer))).isEqualTo(golden());
  }

  @Test
  void an_arm_without_a_description_of_its_engine_is_judged_by_the_type_of_the_engine()
      throws IOException {
    String json = new String(SnapshotCodec.encode(golden()), StandardCharsets.UTF_8);
    String former = json.replaceFirst(",\"engine\":\\{[^}]*}", "");
    assertThat(former).isNotEqualTo(json);
    RoutingSnapshot read = SnapshotCodec.decode(utf8(former));
    EngineCapabilities vllm = read.services().getFirst().canary().getFirst().arm().capabilities();
    assertThat(vllm.chatText()).isTrue();
    assertThat(vllm.tokenIds()).isTrue();
    assertThat(vllm.apis()).contains("/score", "/v1/audio/speech");
    assertThat(SnapshotCodec.encode(read)).isEqualTo(utf8(former));
  }

  @Test
  void engines_without_a_description_keep_the_capabilities_of_their_type() {
    assertThat(undescribed("sglang").chatText()).isTrue();
    assertThat(undescribed("sglang").tokenIds()).isFalse();
    assertThat(undescribed("sglang").completionTokens()).isEqualTo(16);
    assertThat(undescribed("sglang").apis()).contains("/rerank").doesNotContain("/score");
    assertThat(undescribed("llamacpp").completionTokens()).isZero();
    assertThat(undescribed("openai").apis()).contains("/v1/audio/speech").doesNotContain("/rerank");
    assertThat(undescribed("openai").chatText()).isFalse();
    assertThat(undescribed("ollama")).isEqualTo(undescribed("unheard-of"));
    assertThat(undescribed("ollama").completionText()).isTrue();
    assertThat(new Arm("chat@1", List.of()).capabilities().apis()).contains("/score");
  }

  private static EngineCapabilities undescribed(String type) {
    return new Arm("chat@1", List.of(new ReplicaEntry("r", "http://127.0.0.1:1", type, "chat")))
        .capabilities();
  }

  @Test
  void a_description_of_an_engine_that_lacks_a_field_is_refused() {
    String json = new String(SnapshotCodec.encode(golden()), StandardCharsets.UTF_8);
    String wrong = json.replace("\"completionTokens\":128,", "");
    assertThat(wrong).isNotEqualTo(json);
    assertThatThrownBy(() -> SnapshotCodec.decode(utf8(wrong)))
        .isInstanceOf(WireFormatException.class)
        .hasMessageContaining("engine");
  }

  @Test
  void another_format_version_is_refused_with_its_number() {
    for (String version : List.of("0", "2", "5", "99")) {
      byte[] other = utf8("{\"nothing\":\"we know\",\"formatVersion\":" + version + "}");
      assertThatThrownBy(() -> SnapshotCodec.decode(other))
          .isInstanceOf(WireFormatException.class)
          .hasMessageContaining("formatVersion " + version + ", this program reads 3 to 4");
    }
  }

  @Test
  void a_missing_null_or_repeated_field_and_cut_or_trailing_bytes_are_refused() {
    String json = new String(SnapshotCodec.encode(golden()), StandardCharsets.UTF_8);
    for (String invalid :
        List.of(
            json.replace("\"leaseMillis\":30000,", ""),
            json.replace("\"auditSequence\":12", "\"auditSequence\":null"),
            json.replace("\"revision\":", "\"sequence\":7,\"revision\":"),
            json.substring(0, json.length() / 2),
            json + "{}",
            json.replace("\"sequence\":1", "\"sequence\":\"1\""),
            "[]",
            "",
            "null",
            "{}")) {
      assertThat(invalid).isNotEqualTo(json);
      assertThatThrownBy(() -> SnapshotCodec.decode(utf8(invalid)))
          .as(invalid)
          .isInstanceOf(WireFormatException.class);
    }
  }

  @Test
  void more_bytes_than_the_limit_are_refused_before_they_are_parsed() {
    byte[] huge = new byte[SnapshotCodec.MAX_BYTES + 1];
    Arrays.fill(huge, (byte) ' ');
    assertThatThrownBy(() -> SnapshotCodec.decode(huge)).hasMessageContaining("too large");
  }

  @Test
  void the_encoded_telemetry_is_the_golden_file_whatever_the_order_of_its_maps()
      throws IOException {
    String expected = resource("telemetry.golden.json");
    Telemetry telemetry = goldenTelemetry();
    assertThat(new String(TelemetryCodec.encode(telemetry), StandardCharsets.UTF_8))
        .isEqualTo(expected);
    assertThat(TelemetryCodec.decode(utf8(expected))).isEqualTo(telemetry);
  }

  @Test
  void a_batch_of_a_gateway_of_the_previous_version_is_read() throws IOException {
    String former =
        resource("telemetry.golden.json")
            .replaceFirst("\"fast\":\\[[^]]*],", "")
            .replaceFirst("\"agreements\":\\[[^]]*],", "")
            .replaceFirst(",\"traits\":\\[[^]]*]", "")
            .replaceFirst(",\"turn\":2,\"quality\":850", "")
            .replaceFirst(",\"form\":\"STREAM\",\"content\":\"SOME\"", "")
            .replaceFirst(",\"prefillTokens\":900", "")
            .replaceFirst(",\"firstBytes\":\\{[^}]*}", "")
            .replaceAll(",\"stratum\":\"[A-Z]*\"", "")
            .replaceFirst("\"problems\":\\[[^]]*],", "")
            .replaceFirst("\"witness\":\\{[^}]*},\"refusedStore\":\"[0-9a-f]*\",", "")
            .replace("\"formatVersions\":[3,4]", "\"formatVersions\":[2,3]");
    assertThat(former)
        .contains("[2,3]")
        .doesNotContain("fast")
        .doesNotContain("agreements")
        .doesNotContain("traits")
        .doesNotContain("turn")
        .doesNotContain("quality")
        .doesNotContain("stratum")
        .doesNotContain("problems")
        .doesNotContain("witness")
        .doesNotContain("refusedStore")
        .doesNotContain("form\"")
        .doesNotContain("content")
        .doesNotContain("prefillTokens")
        .doesNotContain("firstBytes");
    Telemetry read = TelemetryCodec.decode(utf8(former));
    assertThat(read.fast()).isEmpty();
    assertThat(read.agreements()).isEmpty();
    assertThat(read.witness()).isEqualTo(StoreHead.UNKNOWN);
    assertThat(read.refusedStore()).isEmpty();
    assertThat(read.arrivals())
        .hasSize(2)
        .allSatisfy(slice -> assertThat(slice.stratum()).isEqualTo(RequestSource.CLIENTS));
    assertThat(read.records())
        .singleElement()
        .satisfies(row -> {
          assertThat(row.traits()).isEmpty();
          assertThat(row.turn()).isZero();
          assertThat(row.quality()).isEqualTo(Telemetry.NOT_GRADED);
          assertThat(row.form()).isEqualTo(ResponseForm.UNKNOWN);
          assertThat(row.content()).isEqualTo(AnswerContent.UNKNOWN);
          assertThat(row.prefillTokens()).isZero();
          assertThat(row.outputTokens()).isEqualTo(7);
        });
    assertThat(read.slices())
        .singleElement()
        .satisfies(slice -> assertThat(slice.firstTokens()).isEqualTo(slice.ttft()));
    assertThatThrownBy(() -> TelemetryCodec.decode(utf8(former.replace("\"boot\":\"b00t\",", ""))))
        .isInstanceOf(WireFormatException.class);
    assertThatThrownBy(() -> TelemetryCodec.decode(utf8(former.replace("\"batch\":3,", ""))))
        .isInstanceOf(WireFormatException.class);
  }

  @Test
  void a_batch_of_a_gateway_of_this_version_has_every_field() throws IOException {
    String without = resource("telemetry.golden.json").replaceFirst(",\"stratum\":\"PROBES\"", "");
    assertThatThrownBy(() -> TelemetryCodec.decode(utf8(without)))
        .isInstanceOf(WireFormatException.class);
  }

  @Test
  void too_many_replicas_in_flight_or_a_zero_count_are_refused() throws IOException {
    String json = resource("telemetry.golden.json");
    for (String invalid :
        List.of(
            json.replace("\"count\":2", "\"count\":0"),
            json.replace(
                "\"inFlight\":[",
                "\"inFlight\":["
                    + "{\"service\":\"s\",\"replica\":\"r\",\"count\":1},"
                        .repeat(Telemetry.MAX_IN_FLIGHT)))) {
      assertThat(invalid).isNotEqualTo(json);
      assertThatThrownBy(() -> TelemetryCodec.decode(utf8(invalid)))
          .isInstanceOf(WireFormatException.class)
          .hasMessageContaining("in flight");
    }
  }

  @Test
  void a_full_list_of_replicas_in_flight_does_not_claim_to_be_complete() throws IOException {
    assertThat(TelemetryCodec.decode(utf8(resource("telemetry.golden.json"))).namesAllInFlight())
        .isTrue();
    String full =
        resource("telemetry.golden.json")
            .replace(
                "\"inFlight\":[",
                "\"inFlight\":["
                    + "{\"service\":\"s\",\"replica\":\"r\",\"count\":1},"
                        .repeat(Telemetry.MAX_IN_FLIGHT - 1));
    assertThat(TelemetryCodec.decode(utf8(full)).namesAllInFlight()).isFalse();
  }

  @Test
  void an_answer_round_trips_and_an_invalid_one_is_refused() throws IOException {
    var ack = new TelemetryAck(17, 30_000, 3, Snapshots.STORE, false);
    assertThat(TelemetryCodec.decodeAck(TelemetryCodec.encode(ack))).isEqualTo(ack);
    assertThatThrownBy(() -> TelemetryCodec.decodeAck(utf8("{\"batch\":17,\"gateways\":1}")))
        .isInstanceOf(WireFormatException.class)
        .hasMessageContaining("leaseMillis");
  }

  @Test
  void an_answer_of_a_previous_control_plane_has_no_audit_head() throws IOException {
    assertThat(
            TelemetryCodec.decodeAck(utf8("{\"batch\":17,\"leaseMillis\":30000,\"gateways\":3}")))
        .isEqualTo(new TelemetryAck(17, 30_000, 3, StoreHead.UNKNOWN, true));
  }

  @Test
  void an_identity_or_audit_head_of_another_format_is_refused() throws IOException {
    String json = resource("snapshot.golden.json");
    for (String invalid :
        List.of(
            json.replace("0123456789abcdef0123456789abcdef", "0123"),
            json.replace("ab".repeat(32), "AB".repeat(32)),
            json.replace("\"auditSequence\":12", "\"auditSequence\":-1"))) {
      assertThat(invalid).isNotEqualTo(json);
      assertThatThrownBy(() -> SnapshotCodec.decode(utf8(invalid)))
          .isInstanceOf(WireFormatException.class)
          .hasMessageContaining("store");
    }
  }

  private static RoutingSnapshot golden() {
    return Snapshots.of(
        1,
        Snapshots.withCanary(
            Snapshots.service("chat", Snapshots.arm("chat@1", "http://127.0.0.1:9001")),
            new CanaryArm(
                Snapshots.described(
                    Snapshots.arm("chat@2", "http://127.0.0.1:9002"),
                    new EngineCapabilities(
                        List.of("/v1/chat/completions", "/v1/completions"),
                        true,
                        false,
                        true,
                        128,
                        List.of("too_long"),
                        List.of("does not fit"))),
                "default/chat-1",
                1,
                "salt",
                250_000,
                true,
                List.of(new Audience(Map.of("x-team", "search", "x-beta", "yes"), List.of("acme"))),
                0,
                new Generated(RequestSource.PROBES, 10_000, true, List.of("Count."), 64),
                new Grading("default/judge", 200_000, "Is it kind?", 16, 60_000))));
  }

  private static Telemetry goldenTelemetry() {
    return new Telemetry(
        "gw-1",
        "b00t",
        3,
        "0.1.0",
        List.of(3, 4),
        42,
        "ab",
        1_767_225_600_000L,
        0,
        List.of(
            new Telemetry.ReplicaSlice(
                "default/chat",
                "chat@1",
                "chat-1-0",
                1_767_225_595_000L,
                1_767_225_600_000L,
                5,
                1,
                0,
                0,
                0,
                500,
                250,
                Map.of(120, 1L, 9, 2L, 999, 3L, 0, 4L),
                Map.of(),
                Map.of(600, 5L),
                Map.of(999, 2L))),
        List.of(
            new Telemetry.ArrivalSlice(
                "default/chat-1", 1, 0, 42, 250_000, 1_767_225_595_000L, 1_767_225_600_000L, 1, 1),
            new Telemetry.ArrivalSlice(
                "default/chat-1",
                1,
                1,
                42,
                500_000,
                1_767_225_595_000L,
                1_767_225_600_000L,
                RequestSource.PROBES,
                25,
                24)),
        List.of(
            new Telemetry.RequestRecord(
                    "default/chat-1",
                    0,
                    0,
                    true,
                    Telemetry.Outcome.SUCCESS,
                    1200,
                    -1,
                    9000,
                    7,
                    false,
                    Set.of(Telemetry.Trait.REFUSAL),
                    2,
                    850)
                .withForm(ResponseForm.STREAM, AnswerContent.SOME)
                .withPrefillTokens(900)),
        List.of(
            new Telemetry.FastSlice(
                "default/chat-1", 1, 250_000, 1_767_225_599_000L, 1_767_225_599_500L, 3, 1, 9, 0)),
        List.of(new Telemetry.Agreement("default/chat-1", 1, 4, 3_100_000, 2, 1)),
        List.of("service default/chat: no key"),
        Snapshots.STORE,
        "fedcba9876543210fedcba9876543210",
        List.of(new Telemetry.InFlight("default/chat", "chat-0-3", 2)));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(SnapshotCodecTest.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
    }
  }
}
