// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

/// Settings of the SQLite store.
///
/// @param readers number of read connections, 1 or more
/// @param busyTimeoutMillis how long to wait for another program's lock on the file
/// @param waitMillis how long a call waits for a connection
/// @param eventsKept the event log is compacted to about this many revisions, 1 or more
record SqliteSettings(int readers, int busyTimeoutMillis, long waitMillis, long eventsKept) {
  static final SqliteSettings DEFAULT = new SqliteSettings(4, 5_000, 30_000, 100_000);

  SqliteSettings {
    if (readers < 1 || busyTimeoutMillis < 0 || waitMillis < 0 || eventsKept < 1) {
      throw new IllegalArgumentException("out of range: " + readers + ", " + eventsKept);
    }
  }
}
