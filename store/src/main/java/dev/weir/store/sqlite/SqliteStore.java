// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AuditEntry;
import dev.weir.store.AnalysisStates;
import dev.weir.store.AuditDraft;
import dev.weir.store.AuditHead;
import dev.weir.store.Backup;
import dev.weir.store.Commit;
import dev.weir.store.HistoryEntry;
import dev.weir.store.Observations;
import dev.weir.store.Opening;
import dev.weir.store.Restored;
import dev.weir.store.Store;
import dev.weir.store.StoreEvent;
import dev.weir.store.Write;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/// The store in one SQLite file `weir.db` of a data folder.
public final class SqliteStore implements Store {
  static final String FILE = "weir.db";

  /// The recorded version of a Weir that runs from class folders.
  private static final String UNVERSIONED = "dev";

  private final FolderLock lock;
  private final String identity;
  private final Database database;
  private final InstantSource clock;
  private final SqliteSettings settings;
  private final ResourceJson json;
  private final ResourceTable resources;
  private final EventTable events;
  private final AuditTable audit = new AuditTable();
  private final CommitWriter writer;
  private final RevisionSignal revisions;
  private final Observations observations;
  private final AnalysisStates analysis;
  private final AtomicBoolean closed = new AtomicBoolean();

  private SqliteStore(
      FolderLock lock,
      Database database,
      InstantSource clock,
      SqliteSettings settings,
      String identity) {
    this.identity = identity;
    this.lock = lock;
    this.database = database;
    this.clock = clock;
    this.settings = settings;
    this.json = new ModelJson(database.file());
    this.resources = new ResourceTable(json);
    this.events = new EventTable(json);
    this.writer = new CommitWriter(json, resources, events, audit, settings.eventsKept());
    this.revisions = new RevisionSignal(database.read(StoreCounters::read).revision());
    this.observations = new SqliteObservations(database);
    this.analysis = new SqliteAnalysisStates(database);
  }

  /// Opens the store of a data folder. It creates folder and file if they do not exist, and
  /// migrates an old schema after a backup (`weir.db.v<version>.<time>.backup`).
  ///
  /// @param random generates the identity of a new store
  /// @param weir the version of this program, which the file records as its last writer
  /// @throws dev.weir.store.StoreException when another process owns the folder, the folder's store
  ///   is missing or a different one, the file is corrupt or from a newer Weir, or on an I/O
  ///   failure; the message contains the remedy
  public static SqliteStore open(
      Path folder, InstantSource clock, RandomGenerator random, String weir, Opening opening) {
    return open(folder, clock, random, weir, opening, SqliteSettings.DEFAULT);
  }

  /// Opens a store with a secure random source and default options.
  public static SqliteStore open(Path folder, InstantSource clock, String weir) {
    return open(folder, clock, weir, SqliteSettings.DEFAULT);
  }

  /// Opens a store for a Weir without a version.
  public static SqliteStore open(Path folder, InstantSource clock) {
    return open(folder, clock, UNVERSIONED);
  }

  /// Restores a backup into a new or empty folder after it has verified integrity, schema,
  /// resources and audit chain. Afterwards the folder contains a store, or nothing.
  ///
  /// It appends an entry to the audit log.
  ///
  /// @param weir the version of this program
  /// @throws dev.weir.store.StoreException when the backup is corrupt or from a newer Weir, or the
  ///   folder is not empty; the message contains the remedy
  public static Restored restore(Path backup, Path folder, InstantSource clock, String weir) {
    return StoreRestore.run(backup, folder, clock, weir);
  }

  static SqliteStore open(Path folder, InstantSource clock, String weir, SqliteSettings settings) {
    return open(folder, clock, new SecureRandom(), weir, Opening.PLAIN, settings);
  }

  private static SqliteStore open(
      Path folder,
      InstantSource clock,
      RandomGenerator random,
      String weir,
      Opening opening,
      SqliteSettings settings) {
    FolderLock lock = lock(folder);
    Database database = null;
    SqliteStore store = null;
    try {
      Path file = folder.resolve(FILE);
      StoreIdentity storeIdentity = new StoreIdentity(file, opening);
      Leftovers.remove(file);
      StoreInspection.requireCompleteFolder(file);
      storeIdentity.requireDatabase();
      Schema.bringUpToDate(file, settings, StoreIdentity.draw(random), weir, clock);
      database = new Database(file, settings);
      String found = database.read(StoreIdentity::read);
      storeIdentity.require(found);
      SqliteStore opened = new SqliteStore(lock, database, clock, settings, found);
      opened.claim(weir);
      store = opened;
      return store;
    } finally {
      if (store == null) {
        if (database != null) {
          database.close();
        }
        lock.close();
      }
    }
  }

  private static FolderLock lock(Path folder) {
    try {
      FolderLock.makeFolder(folder);
      return FolderLock.acquire(folder);
    } catch (IOException e) {
      throw StoreFailures.opening(folder, e);
    }
  }

  @Override
  public Commit commit(List<Write> writes, AuditDraft draft) {
    if (writes.isEmpty()) {
      throw new IllegalArgumentException("a commit needs at least one write");
    }
    Commit commit = database.write(handle -> writer.commit(handle, writes, draft, now()));
    if (commit instanceof Commit.Done done) {
      revisions.announce(done.revision());
    }
    return commit;
  }

  @Override
  public AuditEntry record(AuditDraft draft) {
    return database.write(handle -> writer.record(handle, draft, now()));
  }

  @Override
  public Optional<Resource> get(ResourceRef ref) {
    return database.read(handle -> resources.get(handle, ref));
  }

  @Override
  public List<Resource> list(Kind kind, String namespace) {
    return database.read(handle -> resources.list(handle, kind, namespace)).stream()
        .map(json::read)
        .toList();
  }

  @Override
  public List<HistoryEntry> history(ResourceRef ref, int limit) {
    StoreBounds.requireLimit(limit);
    return database.read(handle -> resources.history(handle, ref, limit));
  }

  @Override
  public long revision() {
    return revisions.newest();
  }

  @Override
  public List<StoreEvent> changes(long after, Set<Kind> kinds, int limit) {
    StoreBounds.requireLimit(limit);
    Set<Kind> wanted = kinds.isEmpty() ? EnumSet.allOf(Kind.class) : kinds;
    return database.read(handle -> events.after(handle, after, wanted, limit));
  }

  @Override
  public long awaitRevisionAfter(long after, Duration atMost) throws InterruptedException {
    return revisions.awaitAfter(after, atMost);
  }

  @Override
  public List<AuditEntry> audit(long afterSequence, int limit) {
    StoreBounds.requireLimit(limit);
    return database.read(handle -> audit.after(handle, afterSequence, limit));
  }

  @Override
  public AuditHead auditHead() {
    StoreCounters storeCounters = database.read(StoreCounters::read);
    return new AuditHead(storeCounters.auditSequence(), storeCounters.auditHead());
  }

  @Override
  public String identity() {
    return identity;
  }

  /// The locations of the first `limit` resource texts that are corrupt or unreadable.
  public List<String> damagedResources(int limit) {
    return database.read(handle -> resources.damaged(handle, limit));
  }

  @Override
  public Observations observations() {
    return observations;
  }

  @Override
  public AnalysisStates analysis() {
    return analysis;
  }

  /// Deletes events for watchers, except those of the newest `keepRevisions` revisions. This also
  /// happens automatically. Resources, their spec history and the audit log stay.
  public void compact(long keepRevisions) {
    if (keepRevisions < 0) {
      throw new IllegalArgumentException("revisions to keep are 0 or more: " + keepRevisions);
    }
    boolean more = true;
    while (more) {
      more =
          database.write(handle -> {
            StoreCounters before = StoreCounters.read(handle);
            StoreCounters after = events.compact(handle, before, keepRevisions);
            after.write(handle);
            return after.eventsFloor() > before.eventsFloor();
          });
    }
  }

  @Override
  public Backup backup() {
    if (closed.get()) {
      throw new IllegalStateException("the store is closed: " + database.file());
    }
    return DatabaseCopies.stream(database.file(), settings, now());
  }

  /// Writes only if the recorded version differs: a start alone changes no file.
  private void claim(String weir) {
    if (!database.read(Origin::read).isOf(weir)) {
      database.write(handle -> {
        Origin.claim(handle, weir, now());
        return weir;
      });
    }
  }

  /// Ends all waits, waits for calls in progress, and releases the folder.
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    revisions.close();
    database.close();
    lock.close();
  }

  /// Milliseconds, so that stored times read back exactly; a finer resolution is not needed.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  Database database() {
    return database;
  }
}
