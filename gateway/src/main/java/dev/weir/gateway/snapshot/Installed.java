// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.gateway.exchange.Current;
import java.util.List;

/// What became of a snapshot that was offered.
public sealed interface Installed {
  /// It is served now.
  record Swapped(Current current) implements Installed {}

  /// It was served already, from disk; now the control plane has said that it is the newest.
  record Confirmed(Current current) implements Installed {}

  /// A newer one, or the same, is served.
  record Overtaken(long servedSequence) implements Installed {}

  /// It is of another store than the one that is followed; the one before is still served.
  record OtherStore(String store) implements Installed {}

  /// It cannot be served; the one before still is.
  record Refused(List<String> problems) implements Installed {
    public Refused {
      problems = List.copyOf(problems);
    }
  }
}
