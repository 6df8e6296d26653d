// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The addresses of host names in placements at one moment.
///
/// @param found by host name, lower case
public record ResolvedNames(Map<String, Found> found) {
  public static final ResolvedNames NONE = new ResolvedNames(Map.of());

  public ResolvedNames {
    found = Map.copyOf(found);
  }

  /// @param addresses IP addresses in numeric order, from the last successful look-up
  /// @param problem the current problem with the name, one line
  public record Found(List<String> addresses, Optional<String> problem) {
    public Found {
      addresses = List.copyOf(addresses);
    }
  }

  /// The addresses of a name. A name that has not been looked up has no addresses and a problem.
  public Found of(String host) {
    Found known = found.get(host);
    return known != null
        ? known
        : new Found(List.of(), Optional.of(host + " has not been looked up yet"));
  }
}
