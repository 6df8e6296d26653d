// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.store;

import dev.weir.model.Model;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AuditEntry;
import dev.weir.store.AuditVerifier;
import dev.weir.store.AuditVerifier.Broken;
import dev.weir.store.AuditVerifier.Verified;
import dev.weir.store.Store;
import dev.weir.store.StoreEvent;
import dev.weir.store.sqlite.SqliteStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Compares what a killed [StoreWriter] promised with what is in its folder. It remembers from one
/// death to the next, so what was there once must stay.
public final class WriteVerifier {
  private static final int PAGE = 1_000;

  private final Path folder;
  private final boolean watched;
  private final List<String> wrongs = new ArrayList<>();
  private final Set<String> committed = new HashSet<>();
  private String witness = "0".repeat(64);
  private long readAudit;
  private long commits;
  private long seen;
  private long acknowledged;

  /// @param watched whether the writers say what they see
  public WriteVerifier(Path folder, boolean watched) {
    this.folder = folder;
    this.watched = watched;
  }

  /// The violations so far.
  public List<String> wrongs() {
    return List.copyOf(wrongs);
  }

  /// The last revision that a watcher was given.
  public long seen() {
    return seen;
  }

  /// The number of verified promises.
  public long acknowledged() {
    return acknowledged;
  }

  public void examine(KilledWriterLog killed) throws SQLException {
    integrity();
    try (Store store = SqliteStore.open(folder, InstantSource.system(), "trial")) {
      audit(killed, store);
      commits(killed, store);
      observations(killed, store);
      cohorts(killed, store);
      if (watched) {
        watch(killed, store);
      }
    }
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      wrongs.add(what);
    }
  }

  private void integrity() throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("weir.db"));
        ResultSet row = connection.createStatement().executeQuery("PRAGMA integrity_check")) {
      require(row.next() && row.getString(1).equals("ok"), "integrity_check is not ok");
    }
  }

  private void audit(KilledWriterLog killed, Store store) {
    for (AuditEntry entry : (Iterable<AuditEntry>) () -> newEntries(store)) {
      readAudit = entry.sequence();
      if (entry.revision() > 0) {
        commits++;
        committed.add(entry.reason());
        require(
            entry.revision() == commits * 2,
            "commit " + commits + " of two resources ends at revision " + entry.revision());
      }
    }
    List<String> notes = killed.after("note");
    acknowledged += notes.size();
    Optional<String> last =
        notes.isEmpty() ? Optional.empty() : Optional.of(notes.getLast().split(" ", -1)[1]);
    witness = last.orElse(witness);
    switch (AuditVerifier.verify(
        AuditVerifier.pages(after -> store.audit(after, PAGE)), Optional.of(witness))) {
      case Verified(long entries, String head) ->
          require(
              entries == readAudit && head.equals(store.auditHead().hash()),
              "the head is not that of the last of " + entries + " entries");
      case Broken broken -> wrongs.add("the audit log is broken: " + broken.reason());
    }
  }

  private java.util.Iterator<AuditEntry> newEntries(Store store) {
    long from = readAudit;
    return AuditVerifier.pages(after -> store.audit(Math.max(after, from), PAGE));
  }

  private void commits(KilledWriterLog killed, Store store) {
    List<String> said = killed.after("commit");
    acknowledged += said.size();
    said.stream()
        .filter(id -> !committed.contains(id))
        .forEach(id -> wrongs.add("acknowledged and lost: commit " + id));
    require(
        store.revision() == commits * 2,
        commits + " commits of two, but revision " + store.revision());
    for (int pair = 0; pair < StoreWriter.PAIRS; pair++) {
      List<String> owners = new ArrayList<>();
      for (String side : StoreWriter.SIDES) {
        owners.add(
            store
                .get(ResourceRef.of(Kind.MODEL, "default", side + pair))
                .map(resource -> ((Model) resource).spec().owner())
                .orElse("none"));
      }
      require(owners.getFirst().equals(owners.getLast()), "half a commit: " + owners);
      require(
          owners.getFirst().equals("none") || committed.contains(owners.getFirst()),
          "a resource without its audit entry: " + owners);
    }
  }

  private void observations(KilledWriterLog killed, Store store) {
    List<String> said = killed.after("once");
    acknowledged += said.size();
    said.stream()
        .filter(key -> !store.observations().get("once", key).equals(Optional.of("seen")))
        .forEach(key -> wrongs.add("acknowledged and lost: observation " + key));
  }

  /// An advance removes the observations that it consumed in the same commit.
  private void cohorts(KilledWriterLog killed, Store store) {
    List<String> said = killed.after("cohort");
    acknowledged += said.size();
    long now = store.analysis().get("rollout").map(s -> Long.parseLong(s.cohort())).orElse(0L);
    long promised = said.isEmpty() ? 0 : Long.parseLong(said.getLast());
    require(now >= promised, "acknowledged and lost: cohort " + promised + ", there is " + now);
    store
        .observations()
        .list("cohort", "")
        .forEach(left ->
            require(
                Long.parseLong(left.key()) == now + 1,
                "cohort " + left.key() + " was counted (" + now + ") and is still there"));
  }

  /// A watcher that continues from the last revision sees the rest: each change once, in order.
  private void watch(KilledWriterLog killed, Store store) {
    List<String> said = killed.after("saw");
    acknowledged += said.size();
    said.forEach(revision -> next(Long.parseLong(revision)));
    Map<ResourceRef, StoreEvent> last = new HashMap<>();
    for (StoreEvent event : store.changes(seen, Set.of(), Integer.MAX_VALUE)) {
      next(event.revision());
      last.put(event.resource().ref(), event);
    }
    require(
        seen == store.revision(), "watched up to " + seen + ", the newest is " + store.revision());
    last.forEach((ref, event) ->
        require(
            store.get(ref).equals(Optional.of(event.resource())),
            "the last event of " + ref + " is not what is stored"));
  }

  private void next(long revision) {
    require(revision == seen + 1, "after change " + seen + " the watcher saw " + revision);
    seen = revision;
  }
}
