// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Recording;
import dev.weir.snapshot.RoutingSnapshot.Redaction;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.Snapshots;
import dev.weir.testkit.ManualClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests are recorded in a file and replayed from it.
@Timeout(60)
class RecordingWorkerTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final Recording ALL =
      new Recording(1_000_000, 100, 3_600_000, "env:KEY", List.of(new Redaction("Ada", "[name]")));

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(Snapshots.PUBLISHED_AT);
  private final SplittableRandom random = new SplittableRandom(1);
  private final Map<String, String> environment = new HashMap<>(Map.of("KEY", key(1)));
  private final List<RecordingWorker> workers = new ArrayList<>();
  private volatile IndexedSnapshot current = IndexedSnapshot.NONE;
  private Recordings recordings = Recordings.none();
  private int rollouts;

  private static String key(int first) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) first;
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static ServiceEntry service(Recording rules) {
    return Snapshots.service("chat", Snapshots.arm("chat@1", "http://127.0.0.1:9001")).with(rules);
  }

  private ServiceEntry serve(Recording rules) {
    ServiceEntry service = service(rules);
    current = IndexedSnapshot.of(Snapshots.of(current.sequence() + 1, service), "hash");
    return service;
  }

  private void begin() {
    recordings = Recordings.with(clock::millis);
    workers.add(
        new RecordingWorker(
            recordings,
            folder.resolve("recordings"),
            () -> current,
            environment,
            new SecureRandom(),
            clock,
            clock));
  }

  private void end() {
    workers.forEach(RecordingWorker::close);
    workers.clear();
  }

  @AfterEach
  void close() {
    end();
  }

  private void offer(ServiceEntry service, String path, boolean declined, String body) {
    ByteBuf bytes = Unpooled.copiedBuffer(body, StandardCharsets.UTF_8);
    recordings.offer(service, path, declined, bytes, random);
    assertThat(bytes.readerIndex()).isZero();
    assertThat(bytes.refCnt()).isEqualTo(1);
  }

  private void ask(ServiceEntry service, String prompt) {
    offer(service, CHAT, false, "{\"model\":\"chat\",\"prompt\":\"" + prompt + "\"}");
  }

  private long count(String result) {
    return Objects.requireNonNull(recordings.counts().get(result)).getAsLong();
  }

  private long held(String state) {
    return Objects.requireNonNull(recordings.held().get(state)).getAsLong();
  }

  private static void awaitUntil(BooleanSupplier so) {
    while (!so.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  /// Takes one request in a rollout of its own.
  private Recordings.ReplayRequest take(ServiceEntry service) {
    return take(service, "default/chat-" + rollouts++);
  }

  private Recordings.ReplayRequest take(ServiceEntry service, String rollout) {
    Optional<Recordings.ReplayRequest> taken = recordings.take(service, rollout);
    while (taken.isEmpty()) {
      Thread.onSpinWait();
      taken = recordings.take(service, rollout);
    }
    return taken.get();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void a_request_survives_a_restart_redacted_and_its_text_is_not_readable_on_disk()
      throws IOException {
    begin();
    ServiceEntry service = serve(ALL);
    ask(service, "I am Ada, ada@example.org");
    awaitUntil(() -> count("kept") == 1);
    end();
    for (Path file : files()) {
      assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
          .doesNotContain("Ada")
          .doesNotContain("name")
          .doesNotContain("chat");
    }
    begin();
    assertThat(take(service))
        .isEqualTo(
            new Recordings.ReplayRequest(
                CHAT, "{\"model\":\"chat\",\"prompt\":\"I am [name], [email]\"}"));
  }

  @Test
  void each_recording_is_replayed_once_per_rollout() {
    begin();
    ServiceEntry service = serve(ALL);
    Set<String> all = new HashSet<>();
    for (int i = 0; i < 90; i++) {
      ask(service, "number " + i);
      all.add("{\"model\":\"chat\",\"prompt\":\"number " + i + "\"}");
    }
    awaitUntil(() -> count("kept") == 90);
    for (String rollout : List.of("default/chat-1", "default/chat-2")) {
      List<String> replayed = new ArrayList<>();
      while (replayed.size() < 90) {
        replayed.add(take(service, rollout).json());
      }
      assertThat(replayed).containsExactlyInAnyOrderElementsOf(all);
      for (int i = 0; i < 1_000; i++) {
        assertThat(recordings.take(service, rollout)).isEmpty();
      }
    }
    ask(service, "one more");
    assertThat(take(service, "default/chat-2").json()).contains("one more");
  }

  @Test
  void declined_too_large_and_unsupported_requests_are_not_recorded() throws IOException {
    begin();
    ServiceEntry service = serve(ALL);
    offer(service, CHAT, true, "{\"prompt\":\"declined\"}");
    offer(service, "/v1/embeddings", false, "{\"input\":\"other\"}");
    offer(service, "/v1/messages/count_tokens", false, "{\"input\":\"other\"}");
    offer(service, CHAT, false, "{\"prompt\":\"" + "a".repeat(Recordings.MAX_BODY) + "\"}");
    offer(service, CHAT, false, "no json");
    offer(service(Recording.NONE), CHAT, false, "{}");
    ask(service, "kept");
    awaitUntil(() -> count("kept") == 1);
    assertThat(count("left_out")).isEqualTo(2);
    for (int i = 0; i < 100; i++) {
      assertThat(take(service).json()).contains("kept");
    }
  }

  @Test
  void only_the_configured_share_is_recorded() {
    begin();
    ServiceEntry service = serve(new Recording(100_000, 10_000, 3_600_000, "env:KEY", List.of()));
    for (int i = 0; i < 2_000; i++) {
      ask(service, "n");
      if (i % 200 == 0) {
        long seen = count("kept");
        awaitUntil(() -> count("kept") >= seen);
      }
    }
    awaitUntil(() -> count("kept") + count("dropped") > 150);
    assertThat(count("kept") + count("dropped")).isBetween(150L, 250L);
  }

  @Test
  void without_a_key_nothing_is_recorded_and_a_problem_is_reported_until_there_is_one()
      throws IOException {
    Path keyFile = folder.resolve("key");
    begin();
    ServiceEntry service =
        serve(new Recording(1_000_000, 100, 3_600_000, "file:" + keyFile, List.of()));
    awaitUntil(() -> !recordings.problems().isEmpty());
    assertThat(recordings.problems().getFirst())
        .startsWith("service default/chat: spec.traffic.recording.key: file:")
        .endsWith("cannot be read: NoSuchFileException; nothing is recorded");
    ask(service, "too early");
    awaitUntil(() -> count("dropped") == 1);
    Files.writeString(keyFile, key(1));
    clock.advance(Duration.ofSeconds(11));
    awaitUntil(() -> recordings.problems().isEmpty());
    ask(service, "in time");
    awaitUntil(() -> count("kept") == 1);
    assertThat(take(service).json()).contains("in time");
  }

  @Test
  void recordings_sealed_with_another_key_are_not_read() {
    begin();
    ServiceEntry service = serve(ALL);
    ask(service, "old key");
    awaitUntil(() -> count("kept") == 1);
    end();
    environment.put("KEY", key(2));
    begin();
    ask(service, "new key");
    awaitUntil(() -> count("kept") == 1);
    for (int i = 0; i < 100; i++) {
      assertThat(take(service).json()).contains("new key");
    }
    clock.advance(Duration.ofSeconds(11));
    awaitUntil(() -> held("readable") == 1);
    assertThat(held("unreadable")).isEqualTo(1);
  }

  @Test
  void when_recording_is_disabled_all_recordings_are_deleted() throws IOException {
    begin();
    ServiceEntry service = serve(ALL);
    ask(service, "x");
    awaitUntil(() -> count("kept") == 1);
    assertThat(files()).hasSize(1);
    ServiceEntry over = serve(Recording.NONE);
    assertThat(recordings.take(over, "default/chat-1")).isEmpty();
    clock.advance(Duration.ofSeconds(11));
    awaitUntil(() -> {
      try {
        return files().isEmpty();
      } catch (IOException e) {
        return false;
      }
    });
  }

  @Test
  void before_the_first_snapshot_nothing_is_deleted() throws IOException {
    begin();
    ServiceEntry service = serve(ALL);
    ask(service, "x");
    awaitUntil(() -> count("kept") == 1);
    end();
    current = IndexedSnapshot.NONE;
    begin();
    clock.advance(Duration.ofSeconds(11));
    assertThat(take(service).json()).contains("x");
    assertThat(files()).hasSize(1);
  }

  @Test
  void requests_beyond_the_workers_capacity_are_dropped_without_blocking() {
    recordings = Recordings.with(clock::millis);
    ServiceEntry service = serve(ALL);
    for (int i = 0; i < Recordings.MAX_WAITING + 50; i++) {
      ask(service, "x");
    }
    assertThat(count("dropped")).isEqualTo(50);
  }
}
