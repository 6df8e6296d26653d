// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import java.util.List;

/// Options for opening a store.
///
/// @param adopt whether to accept the existing store, or a new and empty one, although other files
///   in the folder identify another store
/// @param companions names of files that exist only in a folder with a store: if one of them exists
///   without the store, the store was lost
public record Opening(boolean adopt, List<String> companions) {
  /// Expects no companion files and accepts no other store.
  public static final Opening PLAIN = new Opening(false, List.of());

  public Opening {
    companions = List.copyOf(companions);
  }
}
