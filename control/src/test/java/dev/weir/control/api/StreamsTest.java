// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.api.ApiHarness.Reply;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.ReplicaView;
import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.Question;
import dev.weir.snapshot.QuestionCodec;
import dev.weir.snapshot.SnapshotFrames;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.snapshot.TelemetryCodec;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StreamsTest {
  @TempDir Path folder;
  private ApiHarness api;

  @BeforeEach
  void start() {
    api = new ApiHarness(folder);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void a_watch_that_is_cut_again_and_again_misses_and_repeats_nothing() throws Exception {
    int writes = 60;
    long after = api.store.revision();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(() -> {
          for (int i = 0; i < writes; i++) {
            api.post("/api/v1/apply", SampleManifests.model("default", "m" + i));
          }
        });
    List<String> seen = new ArrayList<>();
    String last = Long.toString(after);
    while (seen.size() < writes) {
      try (EventReader events = api.events("/api/v1/watch", api.adminKey, "Last-Event-ID", last)) {
        for (int i = 0; i < 7 && seen.size() < writes; i++) {
          EventReader.Event event = events.next().orElseThrow();
          seen.add(event.resourceName());
          last = event.id();
        }
      }
    }
    writer.get(30, TimeUnit.SECONDS);
    List<String> written = new ArrayList<>();
    for (int i = 0; i < writes; i++) {
      written.add("m" + i);
    }
    assertThat(seen).isEqualTo(written);
  }

  private static ReplicaView replica(String name, Optional<URI> endpoint) {
    return new ReplicaView(
        name,
        "default",
        "chat",
        VersionRef.parse("chat@1").orElseThrow(),
        "ours",
        ReplicaState.READY,
        endpoint,
        Optional.empty(),
        0,
        Instant.EPOCH,
        Optional.empty(),
        "");
  }

  private String logs(String name) throws Exception {
    Reply reply = api.get("/api/v1/namespaces/default/replicas/" + name + "/logs");
    assertThat(reply.status()).isEqualTo(404);
    return reply.json().path("detail").asString();
  }

  @Test
  void missing_output_of_a_replica_is_explained() throws Exception {
    api.replicas.add(replica("chat-1-8", Optional.of(URI.create("http://10.0.0.1:8000"))));
    api.replicas.add(replica("chat-1-9", Optional.empty()));
    assertThat(logs("chat-1-8"))
        .isEqualTo(
            "Replica/default/chat-1-8 is the external endpoint http://10.0.0.1:8000: Weir does not"
                + " run it and has no output of it; read the log of that server");
    assertThat(logs("chat-1-9")).isEqualTo("Replica/default/chat-1-9 has no stored output");
    assertThat(logs("chat-1-7")).startsWith("there is no Replica/default/chat-1-7: ");
  }

  @Test
  void a_watch_shows_the_kinds_that_were_asked_for_deletions_included() throws Exception {
    long after = api.store.revision();
    api.post("/api/v1/apply", SampleManifests.chat());
    api.delete("/api/v1/namespaces/default/services/chat");
    try (EventReader events =
        api.events("/api/v1/watch?kinds=service,routes&after=" + after, api.adminKey)) {
      EventReader.Event put = events.next().orElseThrow();
      EventReader.Event delete = events.next().orElseThrow();
      assertThat(put.name()).isEqualTo("put");
      assertThat(put.resourceName()).isEqualTo("chat");
      assertThat(delete.name()).isEqualTo("delete");
      assertThat(delete.data().path("kind").asString()).isEqualTo("Service");
    }
  }

  @Test
  void a_watch_shows_only_what_the_caller_may_read() throws Exception {
    String vera = api.account("vera", Role.VIEWER, "mine");
    long after = api.store.revision();
    api.post("/api/v1/apply", SampleManifests.model("theirs", "secret"));
    api.account("hidden", Role.VIEWER, "theirs");
    api.post("/api/v1/apply", SampleManifests.model("mine", "visible"));
    try (EventReader events = api.events("/api/v1/watch?after=" + after, vera)) {
      assertThat(events.next().orElseThrow().resourceName()).isEqualTo("visible");
    }
  }

  @Test
  void a_watch_ends_when_its_key_is_revoked() throws Exception {
    String vera = api.account("vera", Role.VIEWER, "default");
    try (EventReader events = api.events("/api/v1/watch?kinds=Model", vera)) {
      api.post("/api/v1/apply", SampleManifests.model("default", "before"));
      assertThat(events.next().orElseThrow().resourceName()).isEqualTo("before");
      api.post("/api/v1/namespaces/default/apikeys/vera/revoke", "");
      assertThat(events.next()).isEmpty();
    }
  }

  @Test
  void a_watch_from_a_revision_that_never_was_is_gone() {
    Reply ahead = api.get("/api/v1/watch?after=999999");
    assertThat(ahead.status()).isEqualTo(410);
    assertThat(ahead.problem()).isEqualTo("gone");
    assertThat(api.get("/api/v1/watch?kinds=unicorn").status()).isEqualTo(400);
    assertThat(api.get("/api/v1/watch?after=-1").status()).isEqualTo(400);
  }

  @Test
  void stopping_ends_running_watches() throws Exception {
    try (EventReader events = api.events("/api/v1/watch", api.adminKey)) {
      CompletableFuture<Boolean> ended =
          CompletableFuture.supplyAsync(() -> {
            try {
              return events.next().isEmpty();
            } catch (java.io.IOException e) {
              return true;
            }
          });
      api.stopListening();
      assertThat(ended.get(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void a_gateway_gets_the_newest_snapshot_and_then_each_newer_one() throws Exception {
    try (EventReader events =
        api.events("/internal/v1/snapshots?after=0&formats=4", api.gatewayKey)) {
      EventReader.Event first = events.next().orElseThrow();
      assertThat(first.name()).isEqualTo("snapshot");
      assertThat(first.id()).isEqualTo("1");
      var frame = "event: snapshot\nid: 1\ndata: %s\n\n".formatted(first.data().toString());
      assertThat(
              new SnapshotFrames.Reader(
                      new ByteArrayInputStream(frame.getBytes(StandardCharsets.UTF_8)))
                  .next())
          .isPresent();
      api.link.publish(2);
      assertThat(events.next().orElseThrow().id()).isEqualTo("2");
      api.link.fail();
      // A ping may still come before the stream ends; nothing else does.
      for (var last = events.next(); last.isPresent(); last = events.next()) {
        assertThat(last.get().name()).isEqualTo("ping");
      }
    }
  }

  @Test
  void a_gateway_is_given_the_newest_format_that_it_reads_and_one_that_reads_none_is_told()
      throws Exception {
    for (String asked : List.of("&formats=3", "&formats=2,3", "&formats=3,4", "&formats=4,5")) {
      try (EventReader events =
          api.events("/internal/v1/snapshots?after=0" + asked, api.gatewayKey)) {
        assertThat(
                events.next().orElseThrow().data().path("snapshot").path("formatVersion").asInt())
            .as(asked)
            .isEqualTo(asked.contains("4") ? 4 : 3);
      }
    }
    Reply stranger =
        api.call("GET", "/internal/v1/snapshots?formats=5,6", api.gatewayKey, new byte[0]);
    assertThat(stranger.status()).isEqualTo(400);
    assertThat(stranger.text())
        .contains("writes snapshot formats [3, 4], the gateway reads [5, 6]");
  }

  @Test
  void a_question_goes_down_the_stream_and_the_answer_comes_by_post() throws Exception {
    try (EventReader events =
        api.events("/internal/v1/snapshots?after=0&formats=4", api.gatewayKey)) {
      assertThat(events.next().orElseThrow().name()).isEqualTo("snapshot");
      api.link.ask(new Question("af", "explain", "r-1"));
      EventReader.Event asked = events.next().orElseThrow();
      assertThat(asked.name()).isEqualTo("ask");
      assertThat(asked.data().path("subject").asString()).isEqualTo("r-1");
    }
    var answer = new GatewayAnswer("gw", "boot", "af", "{}");
    byte[] body = QuestionCodec.encode(answer);
    assertThat(api.call("POST", "/internal/v1/answers", api.gatewayKey, body).status())
        .isEqualTo(200);
    assertThat(api.link.answers).containsExactly(answer);
    assertThat(api.call("POST", "/internal/v1/answers", api.gatewayKey, "{}").status())
        .isEqualTo(400);
    assertThat(api.call("POST", "/internal/v1/answers", api.adminKey, body).status())
        .as("an administrator is no gateway")
        .isEqualTo(403);
  }

  @Test
  void telemetry_reaches_the_link_and_its_answer_comes_back() throws Exception {
    Telemetry batch =
        new Telemetry(
            "g1",
            "boot",
            7,
            "0.1",
            List.of(1),
            1,
            "hash",
            0,
            0,
            List.of(),
            List.of(),
            List.of(),
            List.of());
    Reply reply =
        api.call("POST", "/internal/v1/telemetry", api.gatewayKey, TelemetryCodec.encode(batch));
    assertThat(reply.status()).isEqualTo(200);
    TelemetryAck ack = TelemetryCodec.decodeAck(reply.text().getBytes(StandardCharsets.UTF_8));
    assertThat(ack).isEqualTo(new TelemetryAck(7, 30_000));
    assertThat(api.link.batches).containsExactly(batch);
    assertThat(api.call("POST", "/internal/v1/telemetry", api.gatewayKey, "{\"x\": 1}").status())
        .isEqualTo(400);
  }
}
