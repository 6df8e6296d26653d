// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import java.util.List;
import java.util.Optional;

/// Stores observed data: unaudited, bounded, keyed text.
///
/// A collection holds at most `MAX_ENTRIES` entries of at most `MAX_BYTES` each; it rejects more
/// with an `IllegalArgumentException`, and never drops entries silently.
public interface Observations {
  int MAX_ENTRIES = 200_000;
  int MAX_BYTES = 1 << 20;

  void put(String collection, String key, String value);

  /// Stores the entry unless the key exists, for example to accept a message exactly once.
  ///
  /// @return whether it was stored
  boolean putIfAbsent(String collection, String key, String value);

  /// Stores all entries in one transaction, or none.
  void putAll(List<Entry> entries);

  Optional<String> get(String collection, String key);

  /// Entries whose key starts with the prefix, by key.
  List<Entry> list(String collection, String keyPrefix);

  void delete(String collection, List<String> keys);

  record Entry(String collection, String key, String value) {}
}
