// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.audit.WitnessMemory;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ResolvedNames;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.question.GatewayQuestions;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.Question;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.Telemetry;
import dev.weir.store.AuditDraft;
import dev.weir.store.Commit;
import dev.weir.store.Observations;
import dev.weir.store.Store;
import dev.weir.store.Write;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherTest {
  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private final AtomicLong highest = new AtomicLong();
  private final GatewayQuestions questions =
      new GatewayQuestions(() -> List.of("gw"), new SplittableRandom(1));
  private Store store;
  private Publisher publisher;

  @BeforeEach
  void open() {
    store = SqliteStore.open(folder, clock);
    put(Resources.target("local"));
    put(Resources.version("chat", "1"));
    put(Resources.version("chat", "2"));
    restart();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void restart() {
    publisher =
        new Publisher(
            previous ->
                new SnapshotInputs(
                    ResourceSnapshot.read(store, ResolvedNames.NONE),
                    ObservedFleet.EMPTY,
                    clock.instant(),
                    30_000,
                    previous,
                    false,
                    1),
            highest::get,
            new ObservationStore(store.observations(), CrashPoints.NONE),
            CrashPoints.NONE);
  }

  private void put(Resource resource) {
    Commit commit =
        store.commit(
            List.of(new Write.Put(resource, OptionalLong.empty())),
            AuditDraft.byWeir("test", "test"));
    assertThat(commit).isInstanceOf(Commit.Done.class);
  }

  private void service() {
    Service service = Resources.service("chat", new VersionRef("chat", "2"));
    put(
        service.withStatus(
            ServiceStatus.empty()
                .withStable(new StableVersion(new VersionRef("chat", "1"), 1))
                .withRollout(Optional.of("chat-1"))
                .withRollouts(1)));
  }

  private void rollout(RolloutPhase phase, double weight) {
    put(
        Resources.rollout("chat", 1, "chat@1", "chat@2")
            .withStatus(Resources.rolloutStatus(phase, 0, weight)));
  }

  private SnapshotServer feed(GatewayQuestions questions) {
    return new SnapshotServer(
        publisher,
        Telemetry::batch,
        questions,
        new AuditWitnesses(store, WitnessMemory.NONE, clock, clock),
        30_000);
  }

  @Test
  void the_sequence_rises_with_the_content_only_and_across_restarts() {
    assertThat(publisher.publish().snapshot().sequence()).isEqualTo(1);
    assertThat(publisher.publish().snapshot().sequence()).isEqualTo(1);
    put(Resources.model("other"));
    assertThat(publisher.publish().snapshot().sequence()).isEqualTo(1);
    service();
    Published second = publisher.publish();
    assertThat(second.snapshot().sequence()).isEqualTo(2);
    restart();
    assertThat(publisher.current()).isEqualTo(second);
    assertThat(publisher.publish()).isEqualTo(second);
  }

  @Test
  void a_gateway_ahead_of_us_makes_us_jump_over_it() {
    publisher.publish();
    highest.set(900);
    assertThat(publisher.publish().snapshot().sequence()).isEqualTo(901);
  }

  @Test
  void who_missed_a_lowered_weight_gets_no_lease() throws IOException, InterruptedException {
    service();
    rollout(RolloutPhase.PROGRESSING, 25);
    long fed = publisher.publish().snapshot().sequence();
    assertThat(publisher.mayFeed(fed)).isTrue();
    rollout(RolloutPhase.PROGRESSING, 50);
    long raised = publisher.publish().snapshot().sequence();
    assertThat(publisher.mayFeed(fed)).as("raising takes nothing away").isTrue();
    rollout(RolloutPhase.ROLLING_BACK, 0);
    long reverted = publisher.publish().snapshot().sequence();
    restart();
    try (SnapshotServer snapshotServer = feed(questions)) {
      assertThat(snapshotServer.send(heartbeat(fed)).leaseMillis()).isZero();
      assertThat(snapshotServer.send(heartbeat(raised)).leaseMillis()).isZero();
      assertThat(snapshotServer.send(heartbeat(reverted)).leaseMillis()).isEqualTo(30_000);
      assertThat(snapshotServer.send(heartbeat(0)).leaseMillis()).isZero();
    }
  }

  @Test
  void a_promotion_takes_no_lease_away_because_the_canary_serves_everything() {
    service();
    rollout(RolloutPhase.PROMOTING, 100);
    long fed = publisher.publish().snapshot().sequence();
    put(
        Resources.service("chat", new VersionRef("chat", "2"))
            .withStatus(
                ServiceStatus.empty()
                    .withStable(new StableVersion(new VersionRef("chat", "2"), 1))));
    long promoted = publisher.publish().snapshot().sequence();
    assertThat(promoted).isGreaterThan(fed);
    assertThat(publisher.mayFeed(fed)).isTrue();
  }

  @Test
  void a_subscriber_gets_the_newest_and_skips_what_was_overtaken() throws InterruptedException {
    publisher.publish();
    Collecting slow = new Collecting();
    try (SnapshotServer snapshotServer = feed(questions)) {
      snapshotServer.subscribe(0, slow);
      slow.demand(1);
      assertThat(slow.next()).isEqualTo(1);
      service();
      publisher.publish();
      rollout(RolloutPhase.PROGRESSING, 25);
      long newest = publisher.publish().snapshot().sequence();
      slow.demand(1);
      assertThat(slow.next()).isEqualTo(newest).isEqualTo(3);
    }
    assertThat(slow.failed.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void a_question_reaches_each_subscriber_and_its_answer_the_asker() throws Exception {
    publisher.publish();
    Collecting gateway = new Collecting();
    try (SnapshotServer snapshotServer = feed(questions)) {
      snapshotServer.subscribe(0, gateway);
      Thread answering =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  Question question = gateway.asked.take();
                  snapshotServer.answer(
                      new GatewayAnswer("gw", "boot", question.id(), "{\"a\":1}"));
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      assertThat(questions.ask("explain", "r-1", Duration.ofSeconds(2)).answers())
          .containsExactly(Map.entry("gw", "{\"a\":1}"));
      answering.join();
    }
    assertThat(questions.ask("explain", "r-1", Duration.ZERO).silent())
        .as("a feed that was closed is not asked")
        .containsExactly("gw");
    assertThat(gateway.asked).isEmpty();
  }

  @Test
  void a_snapshot_that_the_previous_version_stored_is_read_and_renewed() {
    service();
    RoutingSnapshot before = publisher.publish().snapshot();
    String head = stored("head");
    String whole =
        new String(SnapshotCodec.encode(before), UTF_8)
            .replace("\"formatVersion\":4", "\"formatVersion\":3")
            .replaceAll("\"store\":\\{[^}]*}", "\"auditHead\":\"\"");
    store.observations().delete("publication", keys());
    observe("current", "1");
    observe("current/0", "{\"snapshot\":%s,\"changedAt\":{},\"floor\":1}".formatted(whole));
    restart();
    assertThat(publisher.current().snapshot().sequence()).isEqualTo(before.sequence());
    assertThat(publisher.publish().snapshot().sequence()).isEqualTo(before.sequence() + 1);
    assertThat(publisher.current().snapshot().formatVersion()).isEqualTo(4);
    assertThat(stored("head")).isNotEqualTo(head);
    assertThat(keys()).as("the former records are gone").doesNotContain("current", "current/0");
  }

  @Test
  void
      a_snapshot_that_cannot_be_read_is_compiled_again_and_gateways_with_an_old_one_lose_the_lease() {
    service();
    long before = publisher.publish().snapshot().sequence();
    for (String damage : List.of("head", "services/default/chat")) {
      assertThat(publisher.mayFeed(before)).isTrue();
      observe(damage, "{torn");
      highest.set(before);
      restart();
      assertThat(publisher.publish().snapshot().sequence()).isEqualTo(before + 1);
      assertThat(publisher.mayFeed(before)).isFalse();
      before++;
    }
  }

  @Test
  void a_change_of_one_service_stores_its_entry_only_and_a_restart_reads_the_whole_snapshot() {
    service();
    for (int i = 0; i < 20; i++) {
      put(Resources.service("other-" + i, new VersionRef("chat", "1")));
    }
    publisher.publish();
    Map<String, String> before = records();
    rollout(RolloutPhase.PROGRESSING, 25);
    Published changed = publisher.publish();
    assertThat(records().entrySet())
        .filteredOn(record -> !record.getValue().equals(before.get(record.getKey())))
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder("head", "services/default/chat");
    delete(ResourceRef.of(Kind.SERVICE, "default", "other-3"));
    Published without = publisher.publish();
    assertThat(keys()).doesNotContain("services/default/other-3", "routes/other-3");
    assertThat(without.snapshot().services()).hasSize(20);
    restart();
    assertThat(publisher.current()).isEqualTo(without).isNotEqualTo(changed);
    assertThat(publisher.publish()).isEqualTo(without);
    assertThat(publisher.settledSince("default/chat", store.revision()))
        .contains(changed.snapshot().sequence());
  }

  private void delete(ResourceRef ref) {
    Commit commit =
        store.commit(
            List.of(new Write.Delete(ref, OptionalLong.empty())),
            AuditDraft.byWeir("test", "test"));
    assertThat(commit).isInstanceOf(Commit.Done.class);
  }

  private void observe(String key, String value) {
    store.observations().put("publication", key, value);
  }

  private String stored(String key) {
    return store.observations().get("publication", key).orElseThrow();
  }

  private Map<String, String> records() {
    return store.observations().list("publication", "").stream()
        .collect(Collectors.toMap(Observations.Entry::key, Observations.Entry::value));
  }

  private List<String> keys() {
    return List.copyOf(records().keySet());
  }

  @Test
  void an_entry_is_settled_since_its_own_last_change() {
    service();
    long first = publisher.publish().snapshot().sequence();
    put(Resources.service("other", new VersionRef("chat", "1")));
    publisher.publish();
    assertThat(publisher.settledSince("default/chat", store.revision())).contains(first);
    put(Resources.model("later"));
    assertThat(publisher.settledSince("default/chat", store.revision())).isEmpty();
    assertThat(store.list(Kind.SERVICE, "")).hasSize(2);
  }

  private static Telemetry heartbeat(long sequence) {
    return new Telemetry(
        "gw",
        "boot",
        1,
        "1",
        List.of(1),
        sequence,
        "",
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static final class Collecting implements ControlLink.Subscriber {
    private final BlockingQueue<Long> got = new LinkedBlockingQueue<>();
    private final BlockingQueue<Question> asked = new LinkedBlockingQueue<>();
    private final CountDownLatch failed = new CountDownLatch(1);
    private final BlockingQueue<Flow.Subscription> subscription = new LinkedBlockingQueue<>();

    void demand(long n) {
      Optional.ofNullable(subscription.peek()).orElseThrow().request(n);
    }

    long next() throws InterruptedException {
      return Optional.ofNullable(got.poll(30, TimeUnit.SECONDS)).orElseThrow();
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription.add(given);
    }

    @Override
    public void onNext(Published item) {
      got.add(item.snapshot().sequence());
    }

    @Override
    public void onQuestion(Question question) {
      asked.add(question);
    }

    @Override
    public void onError(Throwable throwable) {
      failed.countDown();
    }

    @Override
    public void onComplete() {}
  }
}
