// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

/// Bounds of the store on SQLite.
///
/// @param readers connections for reading, 1 or more
/// @param busyTimeoutMillis how long another program's lock on the file is waited for
/// @param waitMillis how long a call waits for its turn
/// @param eventsKept the event log is compacted to about this many revisions, 1 or more
record SqliteSettings(int readers, int busyTimeoutMillis, long waitMillis, long eventsKept) {
  static final SqliteSettings DEFAULT = new SqliteSettings(4, 5_000, 30_000, 100_000);

  SqliteSettings {
    if (readers < 1 || busyTimeoutMillis < 0 || waitMillis < 0 || eventsKept < 1) {
      throw new IllegalArgumentException("out of range: " + readers + ", " + eventsKept);
    }
  }
}
