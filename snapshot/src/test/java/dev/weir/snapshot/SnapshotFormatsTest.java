// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.RoutingSnapshot.Ceilings;
import dev.weir.snapshot.RoutingSnapshot.Fallback;
import dev.weir.snapshot.RoutingSnapshot.FaultEntry;
import dev.weir.snapshot.RoutingSnapshot.FaultKind;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import dev.weir.snapshot.RoutingSnapshot.Mirror;
import dev.weir.snapshot.RoutingSnapshot.Priority;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.Rule;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SnapshotFormatsTest {
  private static final RoutingSnapshot NEWEST =
      Snapshots.of(
          7,
          Snapshots.withCanary(
              Snapshots.service(
                  "chat",
                  new Arm(
                      "chat@1",
                      List.of(
                          new ReplicaEntry("open", "http://127.0.0.1:9001", "vllm", "chat"),
                          new ReplicaEntry(
                              "closed",
                              "http://127.0.0.1:9002",
                              "vllm",
                              "chat",
                              "env:CHAT_KEY",
                              "",
                              "")))),
              new Arm(
                  "chat@2",
                  List.of(
                      new ReplicaEntry(
                          "new",
                          "http://127.0.0.1:9003",
                          "vllm",
                          "chat",
                          "file:/run/key",
                          "",
                          ""))),
              1,
              250_000));

  @Test
  void a_recorded_snapshot_of_the_previous_format_is_read_and_written_back_byte_by_byte()
      throws IOException {
    byte[] recorded = recorded();
    RoutingSnapshot read = SnapshotCodec.decode(recorded);
    assertThat(read.formatVersion()).isEqualTo(3);
    assertThat(SnapshotCheck.problems(read)).isEmpty();
    assertThat(read.store()).isEqualTo(new StoreHead("", 0, "ab".repeat(32)));
    CanaryArm canary = read.services().getFirst().canary().getFirst();
    assertThat(canary.weightMillionths()).isEqualTo(250_000);
    assertThat(SnapshotCodec.encode(read)).isEqualTo(recorded);
  }

  @Test
  void an_old_reader_reads_snapshots_written_for_it() {
    RoutingSnapshot forIt = SnapshotFormats.convert(3, NEWEST);
    SnapshotFormat3Reader.Snapshot read = SnapshotFormat3Reader.decode(SnapshotCodec.encode(forIt));
    assertThat(read.sequence()).isEqualTo(7);
    SnapshotFormat3Reader.Service service = read.services().getFirst();
    assertThat(service.stable().replicas()).hasSize(2);
    assertThat(service.canary().getFirst().weightMillionths()).isEqualTo(250_000);
    assertThat(SnapshotCheck.problems(forIt)).isEmpty();
  }

  @Test
  void an_old_reader_ignores_the_description_of_an_engine() throws IOException {
    EngineCapabilities own =
        new EngineCapabilities(
            List.of("/v1/chat/completions"), true, true, false, 0, List.of(), List.of());
    RoutingSnapshot described =
        Snapshots.of(
            7,
            Snapshots.service(
                "chat",
                Snapshots.described(Snapshots.arm("chat@1", "http://127.0.0.1:9001"), own)));
    byte[] three = SnapshotCodec.encode(SnapshotFormats.convert(3, described));
    assertThat(SnapshotFormat3Reader.decode(three).services().getFirst().stable().replicas())
        .hasSize(1);
    assertThat(SnapshotCodec.decode(three).services().getFirst().stable().capabilities())
        .isEqualTo(own);
  }

  @Test
  void format_3_names_no_store_but_keeps_the_audit_head() throws IOException {
    RoutingSnapshot three = SnapshotFormats.convert(3, NEWEST);
    assertThat(three.store()).isEqualTo(new StoreHead("", 0, NEWEST.store().auditHead()));
    assertThat(SnapshotFormat3Reader.decode(SnapshotCodec.encode(three)).auditHead())
        .isEqualTo(NEWEST.store().auditHead());
    assertThat(SnapshotCodec.decode(SnapshotCodec.encode(three))).isEqualTo(three);
    assertThat(SnapshotCodec.decode(SnapshotCodec.encode(NEWEST)).store())
        .isEqualTo(NEWEST.store());
  }

  @Test
  void an_old_reader_refuses_the_newest_format_and_must_not_get_it() {
    assertThatThrownBy(() -> SnapshotFormat3Reader.decode(SnapshotCodec.encode(NEWEST)))
        .hasMessageContaining("formatVersion 4, this program reads 3 to 3");
  }

  @Test
  void both_formats_keep_references_to_credentials() throws IOException {
    assertThat(SnapshotCodec.decode(SnapshotCodec.encode(NEWEST))).isEqualTo(NEWEST);
    assertThat(SnapshotFormats.convert(4, NEWEST)).isEqualTo(NEWEST);
    RoutingSnapshot three = SnapshotFormats.convert(3, NEWEST);
    assertThat(SnapshotCodec.decode(SnapshotCodec.encode(three))).isEqualTo(three);
    assertThat(three.services()).isEqualTo(NEWEST.services());
  }

  @Test
  void both_formats_contain_limits_breaks_isolation_and_faults() throws IOException {
    var limits = new Limits(60, 10_000, 4);
    ServiceEntry strict =
        chat()
            .with(new Admission(limits, limits, Map.of("acme", 3), 16, 5_000))
            .with(new RoutingSnapshot.Breaks(0, true, true))
            .with(new Isolation(3, 1_000, 20, 0, 8))
            .with(List.of(fault("chat-flt-3", 200_000, 3)));
    RoutingSnapshot limited =
        Snapshots.withKeys(
            Snapshots.of(7, strict),
            new KeyEntry(
                Snapshots.keyHash("k"), "app", "acme", 1, List.of(), false, limits, Priority.LOW));
    assertThat(SnapshotCheck.problems(limited)).isEmpty();
    assertThat(SnapshotCodec.decode(SnapshotCodec.encode(limited))).isEqualTo(limited);
    byte[] old = SnapshotCodec.encode(SnapshotFormats.convert(3, limited));
    assertThat(SnapshotCodec.decode(old).keys()).isEqualTo(limited.keys());
    assertThat(SnapshotCodec.decode(old).services()).containsExactly(strict);
    SnapshotFormat3Reader.Snapshot read = SnapshotFormat3Reader.decode(old);
    assertThat(read.keys().getFirst().priority()).isEqualTo("LOW");
    assertThat(read.services().getFirst().faults()).hasSize(1);
  }

  @Test
  void duplicate_faults_and_faults_of_nothing_or_too_much_are_refused() {
    var twice = List.of(fault("chat-flt-3", 0, 3), fault("chat-flt-3", 1_000_001, -1));
    assertThat(SnapshotCheck.problems(Snapshots.of(1, chat().with(twice))))
        .hasSize(4)
        .anyMatch(problem -> problem.contains("fault chat-flt-3: appears twice"));
  }

  private static ServiceEntry chat() {
    return Snapshots.service("chat", Snapshots.arm("chat@1", "http://127.0.0.1:9001"));
  }

  private static FaultEntry fault(String name, int shareMillionths, int after) {
    return new FaultEntry(
        name,
        FaultKind.CUT,
        "chat-1-0",
        "",
        false,
        shareMillionths,
        500,
        0,
        after,
        "cut after " + after + " events",
        1_767_225_600_000L);
  }

  @Test
  void limits_below_zero_and_zero_shares_are_refused() {
    var wrong = new Admission(new Limits(-1, 0, 0), new Limits(0, -1, 0), Map.of("acme", 0), -1, 0);
    assertThat(
            SnapshotCheck.problems(
                Snapshots.of(1, Snapshots.service("chat", Snapshots.arm("chat@1")).with(wrong))))
        .hasSize(4);
  }

  @Test
  void both_formats_contain_routes_with_all_their_names_and_backends() throws IOException {
    var alias =
        new RouteEntry(
            "gpt",
            "default",
            List.of(new Backend("default/chat", 1)),
            "chat",
            List.of(
                new Rule(
                    Map.of("x-team", "search"),
                    List.of("default"),
                    List.of(new Backend("default/chat", 2)))),
            List.of(new Fallback("default/chat", List.of(Cause.values()))),
            List.of(new Mirror("default/chat", 50_000)),
            new Ceilings(1, 2, 3, 4));
    RoutingSnapshot snapshot = Snapshots.withRoutes(Snapshots.small(), alias);
    byte[] three = SnapshotCodec.encode(SnapshotFormats.convert(3, snapshot));
    assertThat(SnapshotCodec.decode(three).routes()).containsExactly(alias);
    assertThat(SnapshotFormat3Reader.decode(three).routes().getFirst().mirrors()).hasSize(1);
    assertThat(SnapshotCodec.decode(SnapshotCodec.encode(snapshot)).routes())
        .containsExactly(alias);
  }

  @Test
  void each_format_has_its_own_hash_and_a_gateway_is_compared_with_the_format_it_gets() {
    EncodedSnapshots encodedSnapshots = EncodedSnapshots.of(NEWEST);
    String three = SnapshotCodec.hash(encodedSnapshots.bytes(3));
    String four = SnapshotCodec.hash(encodedSnapshots.bytes(4));
    assertThat(three).isNotEqualTo(four);
    assertThat(encodedSnapshots.matches(Optional.of(3), three)).isTrue();
    assertThat(encodedSnapshots.matches(Optional.of(3), four)).isFalse();
    assertThat(encodedSnapshots.matches(Optional.of(4), four)).isTrue();
    assertThat(encodedSnapshots.matches(Optional.empty(), three)).isTrue();
    assertThat(encodedSnapshots.matches(Optional.empty(), "0".repeat(64))).isFalse();
  }

  @Test
  void the_newest_common_format_is_chosen_and_without_a_list_the_first() {
    assertThat(SnapshotFormats.newestCommon(SnapshotFormats.parse("3,4"))).contains(4);
    assertThat(SnapshotFormats.newestCommon(SnapshotFormats.parse("2,3"))).contains(3);
    assertThat(SnapshotFormats.newestCommon(SnapshotFormats.parse("4,5"))).contains(4);
    assertThat(SnapshotFormats.parse("")).containsExactly(1);
    assertThat(SnapshotFormats.newestCommon(SnapshotFormats.parse(""))).isEmpty();
    assertThat(SnapshotFormats.newestCommon(SnapshotFormats.parse("5,6"))).isEmpty();
    for (String invalid :
        List.of("one", "1,", ",", "-1", "1 ,2", "1234567", "1,".repeat(17) + "1")) {
      assertThatThrownBy(() -> SnapshotFormats.parse(invalid))
          .as(invalid)
          .hasMessageContaining("formats");
    }
  }

  @Test
  void a_credential_must_be_a_reference_and_another_text_is_not_repeated() {
    for (String secret : List.of("sk-12345", "env:", "env:A B", "file:", "Env:A")) {
      var service =
          Snapshots.service(
              "chat",
              new Arm(
                  "chat@1",
                  List.of(
                      new ReplicaEntry(
                          "r", "http://127.0.0.1:9001", "vllm", "chat", secret, "", ""))));
      assertThat(SnapshotCheck.problems(Snapshots.of(1, service)))
          .as(secret)
          .singleElement()
          .asString()
          .contains("credential is not a reference")
          .doesNotContain("sk-12345");
    }
  }

  private static byte[] recorded() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            SnapshotFormatsTest.class.getResourceAsStream("snapshot-format-3.json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .stripTrailing()
          .getBytes(StandardCharsets.UTF_8);
    }
  }
}
