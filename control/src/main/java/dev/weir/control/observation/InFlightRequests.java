// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The requests in flight on a replica, as the relevant gateways report them.
///
/// @param inFlight requests by gateway, only those above 0
/// @param unknown gateways that have not reported to this process, or could not name all replicas
public record InFlightRequests(SortedMap<String, Integer> inFlight, List<String> unknown) {
  public InFlightRequests {
    inFlight = Collections.unmodifiableSortedMap(new TreeMap<>(inFlight));
    unknown = List.copyOf(unknown);
  }

  /// Whether every relevant gateway has reported that no request is in flight there.
  public boolean none() {
    return inFlight.isEmpty() && unknown.isEmpty();
  }

  /// For example `3 requests in flight on gw-1, 1 on gw-2`, and the gateways without a report.
  @Override
  public String toString() {
    if (none()) {
      return "no requests in flight";
    }
    StringBuilder text = new StringBuilder();
    inFlight.forEach((gateway, count) -> {
      String noun = count == 1 ? " request in flight" : " requests in flight";
      String part = text.isEmpty() ? count + noun : ", " + count;
      text.append(part).append(" on ").append(gateway);
    });
    if (!unknown.isEmpty()) {
      text.append(text.isEmpty() ? "" : "; ")
          .append("waiting for a report from ")
          .append(String.join(", ", unknown));
    }
    return text.toString();
  }
}
