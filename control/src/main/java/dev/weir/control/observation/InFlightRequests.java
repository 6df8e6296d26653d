// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The requests in flight on a replica, as the relevant gateways report them.
///
/// @param inFlight requests by gateway, only those above 0
/// @param unknown gateways that have not said it to this process, or could not name all replicas
public record InFlightRequests(SortedMap<String, Integer> inFlight, List<String> unknown) {
  public InFlightRequests {
    inFlight = Collections.unmodifiableSortedMap(new TreeMap<>(inFlight));
    unknown = List.copyOf(unknown);
  }

  /// Whether every gateway that counts has said that nothing runs there.
  public boolean none() {
    return inFlight.isEmpty() && unknown.isEmpty();
  }

  /// `3 requests in flight on gw-1, 1 on gw-2`, and who has not said.
  @Override
  public String toString() {
    if (none()) {
      return "nothing in flight";
    }
    StringBuilder text = new StringBuilder();
    inFlight.forEach((gateway, count) -> {
      String noun = count == 1 ? " request in flight" : " requests in flight";
      String said = text.isEmpty() ? count + noun : ", " + count;
      text.append(said).append(" on ").append(gateway);
    });
    if (!unknown.isEmpty()) {
      text.append(text.isEmpty() ? "" : "; ")
          .append("waiting to hear from ")
          .append(String.join(", ", unknown));
    }
    return text.toString();
  }
}
