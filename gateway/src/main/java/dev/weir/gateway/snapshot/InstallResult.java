// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.gateway.exchange.IndexedSnapshot;
import java.util.List;

/// The result of offering a snapshot.
public sealed interface InstallResult {
  /// It is served now.
  record Swapped(IndexedSnapshot current) implements InstallResult {}

  /// It was already served, from disk; now the control plane has confirmed that it is the newest.
  record Confirmed(IndexedSnapshot current) implements InstallResult {}

  /// The same or a newer one is already served.
  record Overtaken(long servedSequence) implements InstallResult {}

  /// It belongs to another store than the followed one; the previous one is still served.
  record OtherStore(String store) implements InstallResult {}

  /// It is invalid; the previous one is still served.
  record Refused(List<String> problems) implements InstallResult {
    public Refused {
      problems = List.copyOf(problems);
    }
  }
}
