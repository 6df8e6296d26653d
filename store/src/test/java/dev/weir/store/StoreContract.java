// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import static dev.weir.store.StoreFixtures.AUDIT;
import static dev.weir.store.StoreFixtures.commit;
import static dev.weir.store.StoreFixtures.commitAll;
import static dev.weir.store.StoreFixtures.delete;
import static dev.weir.store.StoreFixtures.labelled;
import static dev.weir.store.StoreFixtures.model;
import static dev.weir.store.StoreFixtures.modelRef;
import static dev.weir.store.StoreFixtures.put;
import static dev.weir.store.StoreFixtures.service;
import static dev.weir.store.StoreFixtures.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.model.Model;
import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AuditEntry;
import dev.weir.store.AnalysisStates.AnalysisState;
import dev.weir.store.Commit.Conflict;
import dev.weir.store.Commit.Done;
import dev.weir.store.Commit.Effect;
import dev.weir.store.Commit.Result;
import dev.weir.store.Observations.Entry;
import dev.weir.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The guarantees of every [Store]. The test of an implementation extends this and defines how to
/// open a store. The kill test is in [StoreCrashContract].
public abstract class StoreContract {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir protected Path folder;
  protected final ManualClock clock = new ManualClock();
  private Store store;

  /// Opens the store of a folder (or a database named after it), empty when it is new.
  protected abstract Store open(Path folder, InstantSource clock);

  /// Removes all events except the newest `keepRevisions`.
  protected abstract void compact(Store store, long keepRevisions);

  @BeforeEach
  void openStore() {
    store = open(folder, clock);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  // Resources and revisions

  @Test
  void a_new_store_is_empty() {
    assertThat(store.revision()).isZero();
    assertThat(store.auditHead().hash()).isEqualTo("0".repeat(64));
    assertThat(store.audit(0, 10)).isEmpty();
    assertThat(store.changes(0, Set.of(), 10)).isEmpty();
    assertThat(store.list(Kind.MODEL, "")).isEmpty();
    assertThat(store.get(modelRef("chat"))).isEmpty();
  }

  @Test
  void a_stored_resource_is_read_back_with_its_bookkeeping() {
    Result created = commit(store, put(model("chat", "ada")));
    assertThat(created.effect()).isEqualTo(Effect.CREATED);
    assertThat(store.get(modelRef("chat"))).contains(created.resource());
    Model read = (Model) store.get(modelRef("chat")).orElseThrow();
    assertThat(read.spec()).isEqualTo(model("chat", "ada").spec());
    assertThat(read.metadata().revision()).isEqualTo(1);
    assertThat(read.metadata().specRevision()).isEqualTo(1);
    assertThat(read.metadata().createdAt()).contains(clock.instant());
  }

  @Test
  void each_write_of_a_commit_gets_the_next_revision_in_order() {
    commit(store, put(model("a", "x")));
    Done done =
        commitAll(store, List.of(put(model("c", "x")), put(target("t")), put(model("b", "x"))));
    assertThat(done.revision()).isEqualTo(4);
    assertThat(done.results())
        .extracting(r -> r.resource().metadata().revision())
        .containsExactly(2L, 3L, 4L);
    assertThat(store.revision()).isEqualTo(4);
  }

  @Test
  void a_put_without_a_change_reports_unchanged_and_writes_nothing() {
    commit(store, put(model("chat", "ada")));
    clock.advance(Duration.ofSeconds(1));
    Result again = commit(store, put(model("chat", "ada")));
    assertThat(again.effect()).isEqualTo(Effect.UNCHANGED);
    assertThat(again.resource().metadata().revision()).isEqualTo(1);
    assertThat(store.revision()).isEqualTo(1);
    assertThat(store.audit(0, 10)).hasSize(1);
    assertThat(store.history(modelRef("chat"), 10)).hasSize(1);
    assertThat(store.changes(0, Set.of(), 10)).hasSize(1);
  }

  @Test
  void a_change_of_status_or_labels_changes_the_revision_and_not_the_spec_revision() {
    commit(store, put(service("chat", "1", "")));
    Result status = commit(store, put(service("chat", "1", "rolling")));
    assertThat(status.effect()).isEqualTo(Effect.CHANGED);
    assertThat(status.resource().metadata().revision()).isEqualTo(2);
    assertThat(status.resource().metadata().specRevision()).isEqualTo(1);
    commit(store, put(model("chat", "ada")));
    Result labels = commit(store, put(labelled(model("chat", "ada"), Map.of("team", "x"))));
    assertThat(labels.resource().metadata().revision()).isEqualTo(4);
    assertThat(labels.resource().metadata().specRevision()).isEqualTo(3);
    assertThat(store.history(status.resource().ref(), 10)).hasSize(1);
  }

  @Test
  void a_change_of_spec_keeps_the_time_of_creation() {
    commit(store, put(model("chat", "ada")));
    Instant created = clock.instant();
    clock.advance(Duration.ofHours(1));
    Result changed = commit(store, put(model("chat", "grace")));
    assertThat(changed.resource().metadata().createdAt()).contains(created);
    assertThat(changed.resource().metadata().specRevision()).isEqualTo(2);
  }

  @Test
  void a_caller_cannot_write_the_bookkeeping() {
    Model forged =
        model("chat", "ada")
            .withMetadata(Metadata.of("default", "chat").stored(99, 98, Instant.EPOCH));
    Resource stored = commit(store, put(forged)).resource();
    assertThat(stored.metadata().revision()).isEqualTo(1);
    assertThat(stored.metadata().createdAt()).contains(clock.instant());
  }

  @Test
  void a_list_is_sorted_by_namespace_and_name_and_has_one_kind() {
    commitAll(
        store,
        List.of(
            put(inNamespace("b", "one")),
            put(inNamespace("a", "two")),
            put(inNamespace("a", "one")),
            put(target("one")),
            put(service("one", "1", ""))));
    assertThat(store.list(Kind.MODEL, ""))
        .extracting(Resource::ref)
        .extracting(ResourceRef::toString)
        .containsExactly("Model/a/one", "Model/a/two", "Model/b/one");
    assertThat(store.list(Kind.MODEL, "a")).hasSize(2);
    assertThat(store.list(Kind.TARGET, "")).hasSize(1);
  }

  private static Model inNamespace(String namespace, String name) {
    return model(name, "x").withMetadata(Metadata.of(namespace, name));
  }

  @Test
  void thousands_of_resources_are_listed_completely() {
    commitAll(store, IntStream.range(0, 3_000).mapToObj(i -> put(model("m" + i, "x"))).toList());
    assertThat(store.list(Kind.MODEL, "")).hasSize(3_000);
    assertThat(store.list(Kind.MODEL, "default")).hasSize(3_000);
  }

  // Optimistic concurrency

  @Test
  void a_write_with_an_old_expected_revision_is_a_conflict_and_writes_nothing() {
    commit(store, put(model("chat", "ada")));
    commit(store, put(model("chat", "grace")));
    Commit conflict =
        store.commit(List.of(put(model("other", "x")), put(model("chat", "joan"), 1)), AUDIT);
    assertThat(conflict).isEqualTo(new Conflict(modelRef("chat"), 1, 2));
    assertThat(store.get(modelRef("other"))).isEmpty();
    assertThat(store.revision()).isEqualTo(2);
    assertThat(store.audit(0, 10)).hasSize(2);
    assertThat(store.changes(0, Set.of(), 10)).hasSize(2);
    assertThat(store.history(modelRef("chat"), 10)).hasSize(2);
  }

  @Test
  void expected_revision_zero_means_that_the_resource_must_not_exist() {
    assertThat(commit(store, put(model("chat", "ada"), 0)).effect()).isEqualTo(Effect.CREATED);
    assertThat(store.commit(List.of(put(model("chat", "ada"), 0)), AUDIT))
        .isEqualTo(new Conflict(modelRef("chat"), 0, 1));
    assertThat(store.commit(List.of(put(model("new", "ada"), 7)), AUDIT))
        .isEqualTo(new Conflict(modelRef("new"), 7, 0));
  }

  @Test
  void a_delete_of_a_missing_resource_is_a_conflict() {
    assertThat(store.commit(List.of(delete(modelRef("chat"))), AUDIT))
        .isEqualTo(new Conflict(modelRef("chat"), 0, 0));
  }

  @Test
  void a_write_sees_the_earlier_writes_of_its_commit() {
    Done done =
        commitAll(
            store,
            List.of(
                put(model("chat", "ada"), 0),
                put(model("chat", "grace"), 1),
                delete(modelRef("chat"))));
    assertThat(done.results())
        .extracting(Result::effect)
        .containsExactly(Effect.CREATED, Effect.CHANGED, Effect.DELETED);
    assertThat(store.get(modelRef("chat"))).isEmpty();
    assertThat(store.history(modelRef("chat"), 10)).hasSize(3);
  }

  @Test
  void an_empty_commit_is_refused() {
    assertThatThrownBy(() -> store.commit(List.of(), AUDIT))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // History

  @Test
  void history_contains_each_spec_and_deletion_newest_first() {
    commit(store, put(model("chat", "ada")));
    clock.advance(Duration.ofMinutes(1));
    commit(store, put(model("chat", "grace")));
    clock.advance(Duration.ofMinutes(1));
    Resource deleted = commit(store, delete(modelRef("chat"))).resource();
    commit(store, put(model("chat", "joan")));
    List<HistoryEntry> history = store.history(modelRef("chat"), 10);
    assertThat(history).extracting(HistoryEntry::revision).containsExactly(4L, 3L, 2L, 1L);
    assertThat(history)
        .extracting(HistoryEntry::deleted)
        .containsExactly(false, true, false, false);
    assertThat(history.get(1).resource()).isEqualTo(deleted);
    assertThat(((Model) history.getLast().resource()).spec().owner()).isEqualTo("ada");
    assertThat(history.getLast().at()).isEqualTo(clock.instant().minus(Duration.ofMinutes(2)));
    assertThat(store.history(modelRef("chat"), 2)).hasSize(2);
  }

  @Test
  void a_recreated_resource_is_new() {
    commit(store, put(model("chat", "ada")));
    commit(store, delete(modelRef("chat")));
    clock.advance(Duration.ofMinutes(1));
    Resource again = commit(store, put(model("chat", "ada"), 0)).resource();
    assertThat(again.metadata().createdAt()).contains(clock.instant());
    assertThat(again.metadata().specRevision()).isEqualTo(3);
  }

  // Watching

  @Test
  void a_watch_returns_changes_in_order_from_the_last_seen_revision() {
    commitAll(store, List.of(put(model("a", "x")), put(target("t")), put(model("b", "x"))));
    commit(store, delete(modelRef("a")));
    assertThat(store.changes(0, Set.of(Kind.MODEL), 10))
        .extracting(StoreEvent::revision)
        .containsExactly(1L, 3L, 4L);
    assertThat(store.changes(1, Set.of(Kind.MODEL, Kind.TARGET), 2))
        .extracting(StoreEvent::revision)
        .containsExactly(2L, 3L);
    StoreEvent deletion = store.changes(3, Set.of(), 10).getFirst();
    assertThat(deletion.deleted()).isTrue();
    assertThat(deletion.resource().metadata().revision()).isEqualTo(4);
    assertThat(store.changes(4, Set.of(), 10)).isEmpty();
  }

  @Test
  void a_watch_from_compacted_history_gets_the_first_available_revision() {
    for (int i = 0; i < 5; i++) {
      commit(store, put(model("chat", "owner" + i)));
    }
    compact(store, 2);
    assertThatThrownBy(() -> store.changes(2, Set.of(), 10))
        .isInstanceOfSatisfying(CompactedException.class, e -> assertThat(e.oldest()).isEqualTo(3));
    assertThat(store.changes(3, Set.of(), 10))
        .extracting(StoreEvent::revision)
        .containsExactly(4L, 5L);
    assertThat(store.history(modelRef("chat"), 10)).hasSize(5);
    compact(store, 100);
    assertThatThrownBy(() -> store.changes(2, Set.of(), 10)).isInstanceOf(CompactedException.class);
  }

  @Test
  void waiting_ends_with_the_next_revision() throws Exception {
    assertThat(store.awaitRevisionAfter(0, Duration.ZERO)).isZero();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Long> woken = threads.submit(() -> store.awaitRevisionAfter(0, LONG));
      commit(store, put(model("chat", "ada")));
      assertThat(woken.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    }
    assertThat(store.awaitRevisionAfter(0, LONG)).isEqualTo(1);
  }

  @Test
  void closing_ends_the_waits() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Long> woken = threads.submit(() -> store.awaitRevisionAfter(0, Duration.ofHours(1)));
      store.close();
      assertThat(woken.get(30, TimeUnit.SECONDS)).isZero();
    }
    assertThatThrownBy(() -> store.list(Kind.MODEL, "")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> commit(store, put(model("a", "x"))))
        .isInstanceOf(IllegalStateException.class);
  }

  // Audit

  @Test
  void a_change_is_audited_with_the_old_and_the_new_state() {
    Resource before = commit(store, put(model("chat", "ada"))).resource();
    clock.advance(Duration.ofSeconds(5));
    commit(store, put(model("chat", "grace")));
    List<AuditEntry> log = store.audit(0, 10);
    assertThat(log).extracting(AuditEntry::sequence).containsExactly(1L, 2L);
    assertThat(log.getFirst().before()).isEmpty();
    AuditEntry second = log.get(1);
    assertThat(second.before()).isEqualTo(log.getFirst().after());
    assertThat(second.after().orElseThrow()).contains("grace");
    assertThat(second.subject()).isEqualTo(before.ref().toString());
    assertThat(second.revision()).isEqualTo(2);
    assertThat(second.at()).isEqualTo(clock.instant());
    assertThat(second.previousHash()).isEqualTo(log.getFirst().hash());
    assertThat(
            List.of(
                second.principal(),
                second.sourceAddress(),
                second.requestId(),
                second.action(),
                second.outcome(),
                second.reason()))
        .containsExactly("ada", "192.0.2.1", "req-1", "apply", "allowed", "because");
    assertThat(store.auditHead().hash()).isEqualTo(second.hash());
  }

  @Test
  void a_commit_of_several_changes_is_one_entry_that_lists_each() {
    commit(store, put(model("a", "x")));
    commitAll(store, List.of(put(model("a", "x")), put(model("b", "x")), delete(modelRef("a"))));
    AuditEntry entry = store.audit(1, 10).getFirst();
    assertThat(entry.subject()).isEqualTo("Model/default/b");
    assertThat(entry.revision()).isEqualTo(3);
    assertThat(entry.before().orElseThrow()).startsWith("[null,{").endsWith("}]");
    assertThat(entry.after().orElseThrow()).startsWith("[{").endsWith("},null]");
  }

  @Test
  void a_denial_is_recorded_without_a_change() {
    AuditEntry denied =
        store.record(
            new AuditDraft(
                "anonymous",
                "192.0.2.7",
                "r",
                "access.denied",
                "Service/default/chat",
                "denied",
                "no key"));
    assertThat(store.audit(0, 10)).containsExactly(denied);
    assertThat(denied.revision()).isZero();
    assertThat(denied.sequence()).isEqualTo(1);
    assertThat(store.revision()).isZero();
  }

  @Test
  void hostile_text_is_audited_without_breaking_the_chain() {
    AuditEntry entry =
        store.record(
            new AuditDraft(
                "anonymous", "", "\ud800", "access.denied", "", "denied", "a\u0000b\n\u2028"));
    assertThat(entry.requestId()).isEqualTo("?");
    assertThat(store.audit(0, 1)).containsExactly(entry);
    assertThat(AuditVerifier.verify(store)).isInstanceOf(AuditVerifier.Verified.class);
  }

  @Test
  void a_chain_of_thousands_verifies_page_by_page() {
    for (int i = 0; i < 1_500; i++) {
      store.record(AuditDraft.byWeir("tick", "n " + i));
    }
    commitAll(store, List.of(put(model("chat", "ada"))));
    assertThat(AuditVerifier.verify(store))
        .isEqualTo(new AuditVerifier.Verified(1_501, store.auditHead().hash()));
  }

  // Restarts and many threads

  @Test
  void a_restart_continues_revisions_history_and_chain() {
    commit(store, put(model("chat", "ada")));
    store.close();
    store = open(folder, clock);
    assertThat(store.revision()).isEqualTo(1);
    assertThat(commit(store, put(model("chat", "grace"))).resource().metadata().revision())
        .isEqualTo(2);
    assertThat(store.changes(0, Set.of(), 10)).hasSize(2);
    assertThat(AuditVerifier.verify(store))
        .isEqualTo(new AuditVerifier.Verified(2, store.auditHead().hash()));
  }

  @Test
  void of_writers_that_expect_the_same_revision_one_wins_each_time() throws Exception {
    int writers = 6;
    int increments = 25;
    commit(store, put(model("counter", "0")));
    CountDownLatch start = new CountDownLatch(1);
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      work.add(() -> increment(start, increments));
    }
    int conflicts = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> running = work.stream().map(threads::submit).toList();
      Future<List<StoreEvent>> watched = threads.submit(() -> watchUntil(1 + writers * increments));
      start.countDown();
      for (Future<Integer> one : running) {
        conflicts += one.get(60, TimeUnit.SECONDS);
      }
      List<Long> events =
          watched.get(60, TimeUnit.SECONDS).stream().map(StoreEvent::revision).toList();
      assertThat(events)
          .isEqualTo(
              java.util.stream.LongStream.rangeClosed(1, 1 + writers * increments)
                  .boxed()
                  .toList());
    }
    Model counter = (Model) store.get(modelRef("counter")).orElseThrow();
    assertThat(counter.spec().owner()).isEqualTo(Integer.toString(writers * increments));
    assertThat(store.audit(0, 1_000)).hasSize(1 + writers * increments);
    assertThat(AuditVerifier.verify(store)).isInstanceOf(AuditVerifier.Verified.class);
    assertThat(conflicts).isNotNegative();
  }

  private int increment(CountDownLatch start, int times) throws InterruptedException {
    start.await();
    int conflicts = 0;
    for (int done = 0; done < times; ) {
      Model now = (Model) store.get(modelRef("counter")).orElseThrow();
      int next = Integer.parseInt(now.spec().owner()) + 1;
      Commit commit =
          store.commit(
              List.of(put(model("counter", Integer.toString(next)), now.metadata().revision())),
              AUDIT);
      if (commit instanceof Done) {
        done++;
      } else {
        conflicts++;
      }
    }
    return conflicts;
  }

  /// Watches in small pages, like a slow reader, until the revision has arrived.
  private List<StoreEvent> watchUntil(long last) throws InterruptedException {
    List<StoreEvent> events = new ArrayList<>();
    long after = 0;
    while (after < last && store.awaitRevisionAfter(after, LONG) > after) {
      for (StoreEvent event : store.changes(after, Set.of(Kind.MODEL), 3)) {
        events.add(event);
        after = event.revision();
      }
    }
    return events;
  }

  // Observations and analysis

  @Test
  void observations_are_put_listed_by_prefix_and_deleted() {
    Observations observations = store.observations();
    observations.put("slices", "g1/2", "b");
    observations.put("slices", "g1/1", "a");
    observations.putAll(List.of(new Entry("slices", "g2/1", "c"), new Entry("other", "g1/9", "d")));
    observations.put("slices", "g1/2", "b2");
    assertThat(observations.get("slices", "g1/2")).contains("b2");
    assertThat(observations.list("slices", "g1/"))
        .containsExactly(new Entry("slices", "g1/1", "a"), new Entry("slices", "g1/2", "b2"));
    assertThat(observations.list("slices", "")).hasSize(3);
    observations.delete("slices", List.of("g1/1", "absent"));
    assertThat(observations.list("slices", ""))
        .extracting(Entry::key)
        .containsExactly("g1/2", "g2/1");
    assertThat(observations.list("other", "")).hasSize(1);
    assertThat(store.audit(0, 10)).isEmpty();
    assertThat(store.revision()).isZero();
  }

  @Test
  void put_if_absent_is_accepted_once() {
    assertThat(store.observations().putIfAbsent("slices", "k", "first")).isTrue();
    assertThat(store.observations().putIfAbsent("slices", "k", "second")).isFalse();
    assertThat(store.observations().get("slices", "k")).contains("first");
  }

  @Test
  void an_observation_over_the_size_limit_is_refused_with_its_whole_batch() {
    String tooBig = "x".repeat(Observations.MAX_BYTES);
    assertThatThrownBy(() ->
            store
                .observations()
                .putAll(List.of(new Entry("c", "a", "1"), new Entry("c", "b", tooBig))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("limit");
    assertThat(store.observations().list("c", "")).isEmpty();
  }

  @Test
  void a_full_collection_refuses_more_until_something_is_deleted() {
    List<Entry> all =
        IntStream.range(0, Observations.MAX_ENTRIES)
            .mapToObj(i -> new Entry("c", "k" + i, ""))
            .toList();
    store.observations().putAll(all);
    assertThatThrownBy(() -> store.observations().put("c", "one more", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("200001 entries");
    assertThatThrownBy(() -> store.observations().putIfAbsent("c", "one more", ""))
        .isInstanceOf(IllegalArgumentException.class);
    store.observations().put("c", "k0", "replaced");
    store.observations().put("another", "k", "");
    store.observations().delete("c", List.of("k1"));
    store.observations().put("c", "one more", "");
    assertThat(store.observations().get("c", "one more")).contains("");
  }

  @Test
  void analysis_advances_by_compare_and_set_and_deletes_consumed_observations() {
    store.observations().put("slices", "1", "a");
    store.observations().put("slices", "2", "b");
    AnalysisStates states = store.analysis();
    assertThat(states.get("chat-1")).isEmpty();
    assertThat(states.advance("chat-1", "wrong", new AnalysisState("c1", "{}"), List.of()))
        .isFalse();
    assertThat(
            states.advance(
                "chat-1",
                "",
                new AnalysisState("c1", "{}"),
                List.of(new Entry("slices", "1", "a"))))
        .isTrue();
    assertThat(store.observations().list("slices", "")).extracting(Entry::key).containsExactly("2");
    assertThat(
            states.advance(
                "chat-1",
                "",
                new AnalysisState("c2", "{}"),
                List.of(new Entry("slices", "2", "b"))))
        .isFalse();
    assertThat(states.get("chat-1")).contains(new AnalysisState("c1", "{}"));
    assertThat(store.observations().list("slices", "")).hasSize(1);
    assertThat(states.advance("chat-1", "c1", new AnalysisState("c2", "{\"n\":1}"), List.of()))
        .isTrue();
    assertThat(states.get("chat-1")).contains(new AnalysisState("c2", "{\"n\":1}"));
    states.delete("chat-1");
    assertThat(states.get("chat-1")).isEmpty();
  }

  @Test
  void an_analysis_state_over_the_limit_is_refused() {
    AnalysisState tooBig = new AnalysisState("c", "x".repeat(Observations.MAX_BYTES));
    assertThatThrownBy(() -> store.analysis().advance("r", "", tooBig, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(store.analysis().get("r")).isEmpty();
  }

  @Test
  void every_kind_of_change_to_a_service_survives_a_round_trip() {
    Service service = service("chat", "1", "fresh");
    Resource stored = commit(store, put(service)).resource();
    assertThat(store.get(stored.ref())).contains(stored);
    assertThat(((Service) stored).spec()).isEqualTo(service.spec());
    assertThat(((Service) stored).status()).isEqualTo(service.status());
  }

  // A clock that jumps back

  @Test
  void a_clock_that_jumped_back_changes_no_order_and_its_times_are_stored_unchanged() {
    Instant before = clock.instant();
    commit(store, put(model("a", "x")));
    store.close();
    ManualClock back = new ManualClock(before.minus(Duration.ofDays(400)));
    store = open(folder, back);
    Result late = commit(store, put(model("b", "x")));
    Result changed = commit(store, put(model("a", "y")));
    assertThat(late.resource().metadata().createdAt()).contains(back.instant());
    assertThat(changed.resource().metadata().createdAt()).contains(before);
    assertThat(store.audit(0, 10))
        .extracting(AuditEntry::at)
        .containsExactly(before, back.instant(), back.instant());
    assertThat(store.history(modelRef("a"), 1).getFirst().at()).isEqualTo(back.instant());
    assertThat(store.changes(0, Set.of(), 10))
        .extracting(StoreEvent::revision)
        .containsExactly(1L, 2L, 3L);
    assertThat(AuditVerifier.verify(store))
        .isEqualTo(new AuditVerifier.Verified(3, store.auditHead().hash()));
  }
}
