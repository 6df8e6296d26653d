// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import java.util.List;

/// How a store may be opened.
///
/// @param adopt whether the store that is found, or a new and empty one, is meant although the
///   files beside it name another store
/// @param companions names of files that lie only in a folder that had a store: where one of them
///   is and the store is not, the store was lost
public record Opening(boolean adopt, List<String> companions) {
  /// No other files are expected, and no other store is accepted.
  public static final Opening PLAIN = new Opening(false, List.of());

  public Opening {
    companions = List.copyOf(companions);
  }
}
