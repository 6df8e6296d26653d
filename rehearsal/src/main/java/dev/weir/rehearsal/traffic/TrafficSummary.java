// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal.traffic;

import dev.weir.simulator.player.PlayerReport;
import dev.weir.simulator.player.PlayerReport.VersionReport;
import java.util.Collections;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The result of a run, as clients saw it. Serializes directly to JSON.
///
/// @param service `namespace/service`
/// @param seconds from the start to the last answer, with one decimal
/// @param requests counts over all versions
/// @param versions served requests by `model@version`
/// @param failures failed requests by reason
public record TrafficSummary(
    String service,
    double seconds,
    Requests requests,
    SequencedMap<String, Long> versions,
    SequencedMap<String, Long> failures) {
  /// @param served complete, well-formed answers
  /// @param failed all other requests
  /// @param streamed the part of `served` that was streamed
  /// @param resumed the part of `served` that continued on another replica
  public record Requests(long served, long failed, long streamed, long resumed) {}

  /// @param service `namespace/service`
  public static TrafficSummary of(String service, PlayerReport report) {
    PlayerReport.Requests requests = report.requests();
    TreeMap<String, Long> versions = new TreeMap<>();
    for (VersionReport version : report.versions()) {
      if (version.served() > 0) {
        versions.put(TrafficText.name(version), version.served());
      }
    }
    return new TrafficSummary(
        service,
        Math.round(report.seconds() * 10) / 10.0,
        new Requests(
            requests.served(),
            requests.failed() + requests.harmed(),
            requests.streamed(),
            requests.resumed()),
        Collections.unmodifiableSequencedMap(versions),
        Collections.unmodifiableSequencedMap(new TreeMap<>(report.reasons())));
  }

  /// Whether requests were sent and all of them failed.
  public boolean allFailed() {
    return requests.served() == 0 && requests.failed() > 0;
  }
}
