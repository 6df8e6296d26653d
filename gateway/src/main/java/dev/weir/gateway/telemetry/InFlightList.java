// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.ReplicaKey;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.InFlight;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Requests in flight as reported in a batch: one entry per replica, summed over its URLs (the
/// control plane stops replicas, not URLs), in a fixed order, truncated to the wire limit.
final class InFlightList {
  private InFlightList() {}

  static List<InFlight> of(Map<ReplicaKey, Integer> running) {
    Map<String, Map<String, Integer>> byService = new TreeMap<>();
    running.forEach((key, count) ->
        byService
            .computeIfAbsent(key.service(), _ -> new TreeMap<>())
            .merge(key.name(), count, Integer::sum));
    List<InFlight> list = new ArrayList<>();
    byService.forEach((service, replicas) ->
        replicas.forEach((name, count) -> list.add(new InFlight(service, name, count))));
    return list.size() <= Telemetry.MAX_IN_FLIGHT ? list : list.subList(0, Telemetry.MAX_IN_FLIGHT);
  }
}
