// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.AuditEntry;
import dev.weir.model.Kind;
import dev.weir.model.Resource;
import dev.weir.model.ResourceRef;
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

  /// What a file says that was written by a Weir run from class folders.
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

  /// Opens the store of a data folder, making folder and file when they are not there, and brings
  /// its schema up to date after a backup (`weir.db.v<version>.<time>.backup`).
  ///
  /// @param random draws the identity of a new store
  /// @param weir the version of this program: the file remembers which wrote it last
  /// @throws dev.weir.store.StoreException when another process owns the folder, the folder's store
  ///   is missing or another one, the file is of a newer Weir or damaged, or the medium fails; the
  ///   message says what to do
  public static SqliteStore open(
      Path folder, InstantSource clock, RandomGenerator random, String weir, Opening opening) {
    return open(folder, clock, random, weir, opening, SqliteSettings.DEFAULT);
  }

  /// The same with a strong source of chance and nothing special.
  public static SqliteStore open(Path folder, InstantSource clock, String weir) {
    return open(folder, clock, weir, SqliteSettings.DEFAULT);
  }

  /// The same for a Weir without a version.
  public static SqliteStore open(Path folder, InstantSource clock) {
    return open(folder, clock, UNVERSIONED);
  }

  /// Puts a backup into a folder that is empty or not there, after its integrity, schema, resources
  /// and audit chain were checked. The folder has a store then, or nothing.
  ///
  /// Its audit log goes on with an entry that says so.
  ///
  /// @param weir the version of this program
  /// @throws dev.weir.store.StoreException when the backup is damaged or of a newer Weir, or the
  ///   folder is not empty; the message says what to do
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
      StoreInspection.requireWholeFolder(file);
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

  /// Where texts of resources stand that are not what was written, or cannot be read; the first
  /// `limit` of them.
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

  /// Forgets what watchers could read, but for the newest `keepRevisions` revisions. It also
  /// happens by itself as revisions are made. Resources, their spec history and the audit log stay.
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

  /// Writes only where there is something to note: a start changes no file by itself.
  private void claim(String weir) {
    if (!database.read(Origin::read).isOf(weir)) {
      database.write(handle -> {
        Origin.claim(handle, weir, now());
        return weir;
      });
    }
  }

  /// Ends all waits, lets running calls end, and frees the folder.
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    revisions.close();
    database.close();
    lock.close();
  }

  /// Milliseconds: what is stored reads back exactly, and no clock here is better than that.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  Database database() {
    return database;
  }
}
