// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.store;

import dev.weir.client.Listing;
import dev.weir.client.Watch;
import dev.weir.client.WatchEvent;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirUnreachableException;
import dev.weir.model.Resource;
import dev.weir.model.value.Kind;
import dev.weir.store.AuditDraft;
import dev.weir.store.Store;
import dev.weir.store.Write;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.WeirProcess;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A watcher whose history is compacted while the control plane restarts. It gets 410, relists, and
/// neither misses nor repeats a change.
final class CompactedWatch {
  private final TrialRun run;
  private final WeirProcess.Launch launch;
  private final Map<String, Long> view = new ConcurrentSkipListMap<>();
  private final List<String> repeated = new CopyOnWriteArrayList<>();
  private final AtomicInteger relists = new AtomicInteger();

  /// @param port of the control plane before and after
  CompactedWatch(TrialRun run, Path folder, int port) {
    this.run = run;
    this.launch = WeirProcess.Launch.control(folder, "compacted", port);
  }

  void check() throws Exception {
    long before;
    WeirProcess first = WeirProcess.start(launch);
    try (WeirClient client = first.client()) {
      put(client, "a", "one");
      put(client, "b", "one");
      before = client.list(Kind.MODEL, "default").revision();
      Thread watching = Thread.ofVirtual().start(() -> watch(client));
      run.check("the watcher starts", StoreOperations.eventually(() -> view.size() == 2), view);
      put(client, "a", "two");
      first.close();
      changeAndCompact();
      try (WeirProcess second = WeirProcess.start(launch)) {
        judge(client, second, before);
      }
      watching.interrupt();
    } finally {
      first.kill();
    }
  }

  private void judge(WeirClient client, WeirProcess second, long before) throws Exception {
    put(client, "d", "one");
    boolean same =
        StoreOperations.eventually(
            () -> view.equals(revisions(client.list(Kind.MODEL, "default"))));
    run.check("a watcher behind the compaction reaches the current state", same, view);
    run.check("it relists once", relists.get() == 1, relists.get());
    run.check("it sees no change twice", repeated.isEmpty(), repeated);
    HttpResponse<String> old =
        second.get(
            second.control() + "/api/v1/watch?after=" + before,
            WeirProcess.bearer(second.adminKey()));
    run.check(
        "an old revision is 410 with the oldest revision",
        old.statusCode() == 410 && old.body().contains("\"oldest\""),
        old.statusCode() + " " + old.body());
  }

  /// As a control plane that lived on for a hundred thousand revisions would have left it.
  private void changeAndCompact() {
    try (SqliteStore store = SqliteStore.open(launch.data(), InstantSource.system())) {
      commit(store, new Write.Put(StoredModels.model("a", "three"), OptionalLong.empty()));
      commit(store, new Write.Put(StoredModels.model("c", "one"), OptionalLong.empty()));
      commit(store, new Write.Delete(StoredModels.model("b", "one").ref(), OptionalLong.empty()));
      store.compact(0);
    }
  }

  private static void commit(Store store, Write write) {
    var _ = store.commit(List.of(write), AuditDraft.byWeir("trial", ""));
  }

  private static void put(WeirClient client, String name, String owner) {
    var _ = client.put(StoredModels.model(name, owner), OptionalLong.empty(), "trial");
  }

  private static Map<String, Long> revisions(Listing listing) {
    Map<String, Long> revisions = new TreeMap<>();
    for (Resource resource : new ArrayList<>(listing.items())) {
      revisions.put(resource.metadata().name(), resource.metadata().revision());
    }
    return revisions;
  }

  private void watch(WeirClient client) {
    try {
      while (true) {
        Listing listing = client.list(Kind.MODEL, "default");
        view.clear();
        view.putAll(revisions(listing));
        follow(client, listing.revision());
        relists.incrementAndGet();
      }
    } catch (InterruptedException | WeirUnreachableException e) {
      return; // the trial is over
    }
  }

  /// Returns when it has to relist.
  private void follow(WeirClient client, long from) throws InterruptedException {
    long after = from;
    try (Watch watch = client.watch(after, List.of(Kind.MODEL))) {
      while (true) {
        switch (watch.next()) {
          case WatchEvent.Put(long revision, Resource resource) -> {
            after = next(after, revision);
            view.put(resource.metadata().name(), revision);
          }
          case WatchEvent.Deleted(long revision, Resource resource) -> {
            after = next(after, revision);
            view.remove(resource.metadata().name());
          }
          case WatchEvent.Relist _ -> {
            return;
          }
        }
      }
    }
  }

  private long next(long after, long revision) {
    if (revision <= after) {
      repeated.add(revision + " after " + after);
    }
    return revision;
  }
}
