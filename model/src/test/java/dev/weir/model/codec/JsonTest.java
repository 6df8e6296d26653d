// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.spec.EngineType;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.Problem;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.EngineView;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.ReplicaView;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00.123456789Z");

  record Page(List<Resource> items, long revision, Optional<String> next) {}

  private static Evidence evidence(double logE) {
    return new Evidence(
        "chat-1",
        1,
        AT,
        0,
        5,
        "Hold",
        "too early",
        List.of(),
        List.of(
            new Evidence.MetricEvidence(
                "error", true, 10, 1, 100, 2, 0.1, 0.02, 0.005, 0.01, logE, 6.2, -1e-9, 3)),
        List.of("dispersion assumed 15"),
        "{}");
  }

  private static <T extends Record> void assertReadsBack(T record, Class<T> type) {
    assertThat(Json.read(Json.write(record), type)).isEqualTo(record);
    assertThat(Json.read(Json.pretty(record), type)).isEqualTo(record);
    assertThat(Json.read(Json.tree(record), type)).isEqualTo(record);
  }

  @Test
  void wire_records_read_back_equal() {
    assertReadsBack(new Problem("a", "b", "c"), Problem.class);
    assertReadsBack(
        new GatewayView(
            "g",
            "b",
            "0.1",
            2,
            7,
            "h",
            GatewayView.HashStatus.WRONG,
            8,
            900,
            AT,
            AT,
            100,
            true,
            "a1",
            true,
            List.of("no key")),
        GatewayView.class);
    assertReadsBack(
        new ReplicaView(
            "chat-2-0",
            "default",
            "chat",
            new VersionRef("chat", "2"),
            "local",
            ReplicaState.BACK_OFF,
            Optional.of(URI.create("http://127.0.0.1:8000")),
            Optional.of(4_000_000_000L),
            3,
            AT,
            Optional.of(
                new ReplicaOrder("chat-2-0", OrderKind.DRAIN, AT, "ann", "noisy fan", "launch-1")),
            Optional.of(
                new EngineView(
                    new EngineType("vllm"),
                    Optional.of("0.10.2"),
                    Optional.of(3L),
                    Optional.empty(),
                    Optional.of(0.25),
                    Optional.of(false),
                    List.of("vllm:num_requests_waiting"),
                    Optional.of(AT),
                    "")),
            "crashed"),
        ReplicaView.class);
    assertReadsBack(
        new AuditEntry(
            1,
            AT,
            "ada",
            "127.0.0.1",
            "r",
            "apply",
            "Model/default/a",
            3,
            "allowed",
            Optional.empty(),
            Optional.of("{\"a\":1}"),
            "why",
            "0".repeat(64),
            "f".repeat(64)),
        AuditEntry.class);
  }

  @Test
  void numbers_without_a_json_form_survive() {
    for (double value :
        new double[] {
          Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, -0.0, 1e300, 0.1
        }) {
      assertReadsBack(evidence(value), Evidence.class);
    }
  }

  @Test
  void a_record_may_hold_resources() {
    Page page =
        new Page(List.of(Resources.model("a"), Resources.target("b")), 7, Optional.of("more"));
    assertReadsBack(page, Page.class);
    assertThat(Json.tree(page).get("items").get(0).get("kind").stringValue()).isEqualTo("Model");
  }

  @Test
  void fields_of_a_newer_writer_are_passed_over() {
    assertThat(
            Json.read(
                "{\"path\":\"a\",\"value\":\"b\",\"message\":\"c\",\"x\":[1]}", Problem.class))
        .isEqualTo(new Problem("a", "b", "c"));
  }

  @Test
  void a_request_is_read_strictly_with_all_problems() {
    Json.Read<Problem> read = Json.readStrictly("{\"path\":1,\"vlaue\":\"b\"}", Problem.class);
    assertThat(read).isInstanceOf(Json.Read.Refused.class);
    assertThat(((Json.Read.Refused<Problem>) read).problems()).hasSize(4);
  }

  @Test
  void what_is_not_the_record_is_refused_in_one_sentence() {
    assertThatThrownBy(() -> Json.read("[]", Problem.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a Problem");
    assertThatThrownBy(() -> Json.read("<html>", Problem.class)).hasMessageContaining("not JSON");
  }
}
