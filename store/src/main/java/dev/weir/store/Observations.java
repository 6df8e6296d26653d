// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import java.util.List;
import java.util.Optional;

/// A door for what is seen rather than decided: unaudited, bounded, keyed text.
///
/// A collection holds at most `MAX_ENTRIES` entries of at most `MAX_BYTES` each; more is refused
/// with an `IllegalArgumentException`, never dropped silently.
public interface Observations {
  int MAX_ENTRIES = 200_000;
  int MAX_BYTES = 1 << 20;

  void put(String collection, String key, String value);

  /// Stores the entry unless the key is there: the way to accept something exactly once.
  ///
  /// @return whether it was stored
  boolean putIfAbsent(String collection, String key, String value);

  /// Applies all of them in one transaction, or none.
  void putAll(List<Entry> entries);

  Optional<String> get(String collection, String key);

  /// Entries whose key starts with the prefix, by key.
  List<Entry> list(String collection, String keyPrefix);

  void delete(String collection, List<String> keys);

  record Entry(String collection, String key, String value) {}
}
