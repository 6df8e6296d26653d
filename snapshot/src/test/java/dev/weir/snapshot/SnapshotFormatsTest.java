// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Backend;
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
  void a_recorded_snapshot_of_the_format_before_is_read_and_written_back_byte_by_byte()
      throws IOException {
    byte[] recorded = recorded();
    RoutingSnapshot read = SnapshotCodec.decode(recorded);
    assertThat(read.formatVersion()).isEqualTo(1);
    assertThat(SnapshotCheck.problems(read)).isEmpty();
    assertThat(read.services().getFirst().stable().replicas().getFirst().credential()).isEmpty();
    assertThat(SnapshotCodec.encode(read)).isEqualTo(recorded);
  }

  @Test
  void an_old_reader_reads_what_is_written_for_it_and_gets_no_replica_that_it_could_not_call() {
    RoutingSnapshot forIt = SnapshotFormats.in(1, NEWEST);
    FormatOneReader.Snapshot read = FormatOneReader.decode(SnapshotCodec.encode(forIt));
    assertThat(read.sequence()).isEqualTo(7);
    FormatOneReader.Service service = read.services().getFirst();
    assertThat(service.stable().replicas())
        .containsExactly(
            new FormatOneReader.Replica("open", "http://127.0.0.1:9001", "vllm", "chat"));
    assertThat(service.canary().getFirst().arm().replicas()).isEmpty();
    assertThat(service.canary().getFirst().weightMillionths()).isEqualTo(250_000);
    assertThat(SnapshotCheck.problems(forIt)).isEmpty();
  }

  @Test
  void an_old_reader_refuses_the_newest_format_so_it_must_not_be_given_it() {
    assertThatThrownBy(() -> FormatOneReader.decode(SnapshotCodec.encode(NEWEST)))
        .hasMessageContaining("formatVersion 2, this program reads 1 to 1");
  }

  @Test
  void the_newest_format_keeps_references_to_credentials() throws IOException {
    assertThat(SnapshotCodec.decode(SnapshotCodec.encode(NEWEST))).isEqualTo(NEWEST);
    assertThat(SnapshotFormats.in(2, NEWEST)).isEqualTo(NEWEST);
  }

  @Test
  void limits_stand_in_the_newest_format_and_an_old_reader_is_given_the_picture_without_them()
      throws IOException {
    var limits = new Limits(60, 10_000, 4);
    RoutingSnapshot limited =
        Snapshots.withKeys(
            Snapshots.of(
                7,
                Snapshots.service("chat", Snapshots.arm("chat@1", "http://127.0.0.1:9001"))
                    .with(new Admission(limits, limits, Map.of("acme", 3), 16, 5_000))
                    .with(new RoutingSnapshot.Breaks(0, true, true))),
            new KeyEntry(
                Snapshots.keyHash("k"), "app", "acme", 1, List.of(), false, limits, Priority.LOW));
    assertThat(SnapshotCodec.decode(SnapshotCodec.encode(limited))).isEqualTo(limited);
    byte[] old = SnapshotCodec.encode(SnapshotFormats.in(1, limited));
    assertThat(FormatOneReader.decode(old).services()).hasSize(1);
    assertThat(new String(old, StandardCharsets.UTF_8))
        .doesNotContain("limits", "priority", "admission", "breaks");
    assertThat(SnapshotCodec.decode(old).keys().getFirst().limits()).isEqualTo(Limits.NONE);
    assertThat(SnapshotCodec.decode(old).services().getFirst().admission())
        .isEqualTo(Admission.OPEN);
    assertThat(SnapshotCodec.decode(old).services().getFirst().breaks())
        .isEqualTo(RoutingSnapshot.Breaks.DEFAULT);
  }

  @Test
  void faults_stand_in_the_newest_format_and_an_old_gateway_injects_none() throws IOException {
    RoutingSnapshot faulty = Snapshots.of(7, chat().with(List.of(fault("chat-flt-3", 200_000, 3))));
    assertThat(SnapshotCheck.problems(faulty)).isEmpty();
    assertThat(SnapshotCodec.decode(SnapshotCodec.encode(faulty))).isEqualTo(faulty);
    byte[] old = SnapshotCodec.encode(SnapshotFormats.in(1, faulty));
    assertThat(FormatOneReader.decode(old).services()).hasSize(1);
    assertThat(new String(old, StandardCharsets.UTF_8)).doesNotContain("faults");
    assertThat(SnapshotCodec.decode(old).services().getFirst().faults()).isEmpty();
  }

  @Test
  void faults_that_stand_twice_strike_nothing_or_too_much_are_refused() {
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
  void limits_below_zero_and_shares_of_nothing_are_refused() {
    var wrong = new Admission(new Limits(-1, 0, 0), new Limits(0, -1, 0), Map.of("acme", 0), -1, 0);
    assertThat(
            SnapshotCheck.problems(
                Snapshots.of(1, Snapshots.service("chat", Snapshots.arm("chat@1")).with(wrong))))
        .hasSize(4);
  }

  @Test
  void format_1_knows_no_isolation_so_its_readers_have_the_usual_one() throws IOException {
    ServiceEntry chat = Snapshots.small().services().getFirst();
    ServiceEntry strict = chat.with(new Isolation(3, 1_000, 20, 0, 8));
    byte[] one = SnapshotCodec.encode(SnapshotFormats.in(1, Snapshots.of(1, strict)));
    assertThat(new String(one, StandardCharsets.UTF_8)).doesNotContain("isolation");
    assertThat(SnapshotCodec.decode(one).services().getFirst().isolation())
        .isEqualTo(Isolation.DEFAULT);
    byte[] two = SnapshotCodec.encode(Snapshots.of(1, strict));
    assertThat(SnapshotCodec.decode(two).services()).containsExactly(strict);
  }

  @Test
  void format_1_knows_names_of_routes_and_where_everybody_goes() throws IOException {
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
    byte[] one = SnapshotCodec.encode(SnapshotFormats.in(1, snapshot));
    assertThat(SnapshotCodec.decode(one).routes())
        .containsExactly(new RouteEntry("gpt", "default", alias.backends()));
    assertThat(SnapshotCodec.decode(SnapshotCodec.encode(snapshot)).routes())
        .containsExactly(alias);
  }

  @Test
  void format_1_never_drops_the_need_for_a_credential_in_silence() {
    var lie =
        new RoutingSnapshot(
            1,
            NEWEST.sequence(),
            NEWEST.revision(),
            NEWEST.publishedAt(),
            NEWEST.auditHead(),
            NEWEST.leaseMillis(),
            NEWEST.keys(),
            NEWEST.routes(),
            NEWEST.services());
    assertThatThrownBy(() -> SnapshotCodec.encode(lie)).hasMessageContaining("needs a credential");
  }

  @Test
  void each_format_has_a_hash_of_its_own_and_a_gateway_is_compared_with_the_one_it_is_given() {
    Editions editions = Editions.of(NEWEST);
    String one = Objects.requireNonNull(editions.byFormat().get(1)).hash();
    String two = Objects.requireNonNull(editions.byFormat().get(2)).hash();
    assertThat(one).isNotEqualTo(two);
    assertThat(editions.has(Optional.of(1), one)).isTrue();
    assertThat(editions.has(Optional.of(1), two)).isFalse();
    assertThat(editions.has(Optional.of(2), two)).isTrue();
    assertThat(editions.has(Optional.empty(), one)).isTrue();
    assertThat(editions.has(Optional.empty(), "0".repeat(64))).isFalse();
  }

  @Test
  void the_newest_format_that_both_know_is_chosen_and_silence_means_the_first() {
    assertThat(SnapshotFormats.best(SnapshotFormats.parse("1,2"))).contains(2);
    assertThat(SnapshotFormats.best(SnapshotFormats.parse("2,3"))).contains(2);
    assertThat(SnapshotFormats.best(SnapshotFormats.parse(""))).contains(1);
    assertThat(SnapshotFormats.best(SnapshotFormats.parse("3,4"))).isEmpty();
    for (String bad : List.of("one", "1,", ",", "-1", "1 ,2", "1234567", "1,".repeat(17) + "1")) {
      assertThatThrownBy(() -> SnapshotFormats.parse(bad)).as(bad).hasMessageContaining("formats");
    }
  }

  @Test
  void what_is_no_reference_is_no_credential_and_is_not_repeated() {
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
            SnapshotFormatsTest.class.getResourceAsStream("snapshot-format-1.json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .stripTrailing()
          .getBytes(StandardCharsets.UTF_8);
    }
  }
}
