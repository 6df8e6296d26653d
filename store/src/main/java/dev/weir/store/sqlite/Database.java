// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/// The connections to one SQLite file: one writer behind a lock, and a few readers that neither
/// wait for the writer nor block it (WAL).
final class Database implements AutoCloseable {
  /// Each commit reaches the disk before it is acknowledged (`FULL`); with `NORMAL`, a power
  /// failure could lose the last ones.
  private static final SQLiteConfig.SynchronousMode DURABLE = SQLiteConfig.SynchronousMode.FULL;

  /// Maximum size of the write-ahead log's file after a checkpoint, in bytes.
  private static final int LOG_BYTES_KEPT = 64 << 20;

  private final Path file;
  private final SqliteSettings settings;
  private final Jdbi readers;
  private final Semaphore readersFree;
  private final Deque<Connection> idleReaders = new ArrayDeque<>();
  private final ReentrantLock writing = new ReentrantLock();
  private @Nullable Handle writer;
  private volatile boolean closed;

  Database(Path file, SqliteSettings settings) {
    this.file = file;
    this.settings = settings;
    this.readersFree = new Semaphore(settings.readers());
    this.readers = Jdbi.create(new ReaderPool());
    this.writer = openWriter();
  }

  Path file() {
    return file;
  }

  /// Runs `work` on one consistent snapshot of the file.
  <T> T read(Function<Handle, T> work) {
    requireOpen();
    if (!acquired(readersFree::tryAcquire)) {
      throw busy("reading");
    }
    try {
      return readers.inTransaction(work::apply);
    } catch (RuntimeException e) {
      RuntimeException explained = StoreFailures.explain(file, e);
      if (explained instanceof StoreException) {
        // The disk may be a different one when it is available again.
        closeIdleReaders();
      }
      throw explained;
    } finally {
      readersFree.release();
    }
  }

  /// Runs `work` in one transaction that is durable when this returns. If `work` throws, the
  /// transaction is rolled back.
  <T> T write(Function<Handle, T> work) {
    if (!acquired(writing::tryLock)) {
      throw busy("writing");
    }
    try {
      requireOpen();
      return transaction(work);
    } finally {
      writing.unlock();
    }
  }

  private <T> T transaction(Function<Handle, T> work) {
    try {
      if (writer == null) {
        writer = openWriter();
      }
      return writer.inTransaction(work::apply);
    } catch (RuntimeException e) {
      RuntimeException explained = StoreFailures.explain(file, e);
      if (explained instanceof StoreException) {
        // SQLite may have rolled back on its own; only a new connection has a known state.
        closeWriter();
      }
      throw explained;
    }
  }

  static Connection connect(Path file, SQLiteConfig config) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file, config.toProperties());
  }

  static SQLiteConfig writing(SqliteSettings settings) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(DURABLE);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(settings.busyTimeoutMillis());
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setJournalSizeLimit(LOG_BYTES_KEPT);
    return config;
  }

  /// For a new file that no other process uses yet.
  static SQLiteConfig newFileConfig() {
    SQLiteConfig config = new SQLiteConfig();
    config.setSynchronous(DURABLE);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    return config;
  }

  static SQLiteConfig reading(SqliteSettings settings) {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(settings.busyTimeoutMillis());
    return config;
  }

  private Handle openWriter() {
    try {
      return Jdbi.open(() -> connect(file, writing(settings)));
    } catch (RuntimeException e) {
      throw StoreFailures.explain(file, e);
    }
  }

  private void closeWriter() {
    Handle old = writer;
    writer = null;
    if (old != null) {
      try {
        old.getConnection().close();
      } catch (SQLException e) {
        // The original failure is the one to report.
        return;
      }
    }
  }

  private interface Attempt {
    boolean within(long timeout, TimeUnit unit) throws InterruptedException;
  }

  private boolean acquired(Attempt attempt) {
    try {
      return attempt.within(settings.waitMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted while waiting for " + file + "; nothing was done", e);
    }
  }

  private StoreException busy(String what) {
    return new StoreException(
        what
            + " "
            + file
            + " had to wait for more than "
            + settings.waitMillis()
            + " ms; nothing was done: the disk is too slow or the load too high");
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the store is closed: " + file);
    }
  }

  /// Waits for calls in progress, then closes every connection. The writer closes last, because the
  /// last connection merges the log into the file, which a reader cannot do.
  @Override
  public void close() {
    writing.lock();
    try {
      closed = true;
      readersFree.acquireUninterruptibly(settings.readers());
      closeIdleReaders();
      readersFree.release(settings.readers());
      closeWriter();
    } finally {
      writing.unlock();
    }
  }

  private void closeIdleReaders() {
    synchronized (idleReaders) {
      idleReaders.forEach(Database::closeQuietly);
      idleReaders.clear();
    }
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // A failure to close a reader loses no data.
      return;
    }
  }

  /// Hands out the idle reader used last; `readersFree` bounds how many there are.
  private final class ReaderPool implements ConnectionFactory {
    @Override
    public Connection openConnection() throws SQLException {
      synchronized (idleReaders) {
        Connection idle = idleReaders.pollFirst();
        if (idle != null) {
          return idle;
        }
      }
      requireOpen();
      return connect(file, reading(settings));
    }

    @Override
    public void closeConnection(Connection connection) {
      synchronized (idleReaders) {
        idleReaders.addFirst(connection);
      }
    }
  }
}
