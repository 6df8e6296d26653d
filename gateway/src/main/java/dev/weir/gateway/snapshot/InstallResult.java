// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.gateway.exchange.IndexedSnapshot;
import java.util.List;

/// What became of a snapshot that was offered.
public sealed interface InstallResult {
  /// It is served now.
  record Swapped(IndexedSnapshot current) implements InstallResult {}

  /// It was served already, from disk; now the control plane has said that it is the newest.
  record Confirmed(IndexedSnapshot current) implements InstallResult {}

  /// A newer one, or the same, is served.
  record Overtaken(long servedSequence) implements InstallResult {}

  /// It is of another store than the one that is followed; the one before is still served.
  record OtherStore(String store) implements InstallResult {}

  /// It cannot be served; the one before still is.
  record Refused(List<String> problems) implements InstallResult {
    public Refused {
      problems = List.copyOf(problems);
    }
  }
}
