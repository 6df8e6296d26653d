// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What host names in placements lead to, at one moment.
///
/// @param found by host name, lower case
public record ResolvedNames(Map<String, Found> found) {
  public static final ResolvedNames NONE = new ResolvedNames(Map.of());

  public ResolvedNames {
    found = Map.copyOf(found);
  }

  /// @param addresses in figures, in order; those of the last look-up that gave some
  /// @param trouble what is wrong with the name now, one line
  public record Found(List<String> addresses, Optional<String> trouble) {
    public Found {
      addresses = List.copyOf(addresses);
    }
  }

  /// A name that nobody has looked up yet has no addresses and says so.
  public Found of(String host) {
    Found known = found.get(host);
    return known != null
        ? known
        : new Found(List.of(), Optional.of(host + " has not been looked up yet"));
  }
}
