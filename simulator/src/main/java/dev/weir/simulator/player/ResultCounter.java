// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import dev.weir.simulator.player.PlayerReport.Example;
import dev.weir.simulator.player.PlayerReport.Requests;
import dev.weir.simulator.player.PlayerReport.VersionReport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Aggregates verdicts. Memory is bounded: beyond a number of versions, reasons and examples, the
/// rest is counted under one name. Confined to one thread.
final class ResultCounter {
  private static final int NAMES_MAX = 64;
  private static final int EXAMPLES_MAX = 20;
  private static final String OTHERS = "others";

  private final Set<String> faulty;
  private final Map<String, VersionTally> versions = new LinkedHashMap<>();
  private final Map<String, Long> reasons = new LinkedHashMap<>();
  private final List<Example> examples = new ArrayList<>();
  private final DurationHistogram sendLag = new DurationHistogram();
  private long planned;
  private long dropped;
  private long streamed;
  private long resumed;
  private long retried;

  /// @param faulty versions that are marked as faulty from the start
  ResultCounter(Set<String> faulty) {
    this.faulty = new HashSet<>(faulty);
  }

  private static final class VersionTally {
    private final DurationHistogram ttft = new DurationHistogram();
    private final DurationHistogram itl = new DurationHistogram();
    private final DurationHistogram endToEnd = new DurationHistogram();
    private long served;
    private long failed;
    private long harmed;
  }

  void markFaulty(String version) {
    faulty.add(version);
  }

  void planned(long lagNanos) {
    planned++;
    sendLag.record(lagNanos);
  }

  void dropped(String requestId, double atSeconds) {
    dropped++;
    bad(requestId, "", new Bad("failed", "dropped: too many in flight"), atSeconds);
    version("").failed++;
  }

  /// Records a completed answer.
  void judged(Exchange exchange, AnswerVerdict verdict) {
    VersionTally version = version(exchange.version());
    switch (verdict) {
      case AnswerVerdict.Ok() -> served(exchange, version);
      case AnswerVerdict.Failed(String reason) -> {
        version.failed++;
        bad(exchange, new Bad("failed", reason));
      }
      case AnswerVerdict.Harmed(String reason) -> {
        version.harmed++;
        bad(exchange, new Bad("harmed", reason));
      }
    }
  }

  private void served(Exchange exchange, VersionTally version) {
    version.served++;
    version.endToEnd.record(exchange.endToEndNanos());
    resumed += exchange.resumed() ? 1 : 0;
    retried += exchange.attempts() > 1 ? 1 : 0;
    if (exchange.streamed()) {
      streamed++;
      version.ttft.record(exchange.ttftNanos());
      exchange.forEachGap(version.itl::record);
    }
  }

  private record Bad(String outcome, String reason) {}

  private void bad(Exchange exchange, Bad what) {
    bad(exchange.requestId(), exchange.version(), what, exchange.plannedSeconds());
  }

  private void bad(String requestId, String version, Bad what, double atSeconds) {
    reasons.merge(bounded(what.reason(), reasons), 1L, Long::sum);
    if (examples.size() < EXAMPLES_MAX) {
      examples.add(new Example(requestId, version, what.outcome(), what.reason(), atSeconds));
    }
  }

  private VersionTally version(String name) {
    return versions.computeIfAbsent(bounded(name, versions), key -> new VersionTally());
  }

  private static String bounded(String name, Map<String, ?> known) {
    return known.size() < NAMES_MAX || known.containsKey(name) ? name : OTHERS;
  }

  Requests requests(long inFlight) {
    long served = 0;
    long failed = 0;
    long harmed = 0;
    long exposed = 0;
    for (Map.Entry<String, VersionTally> entry : versions.entrySet()) {
      VersionTally version = entry.getValue();
      served += version.served;
      if (faulty.contains(entry.getKey())) {
        exposed += version.failed + version.harmed;
      } else {
        failed += version.failed;
        harmed += version.harmed;
      }
    }
    return new Requests(
        planned, served, failed, harmed, exposed, dropped, streamed, resumed, retried, inFlight);
  }

  List<VersionReport> versions() {
    List<VersionReport> out = new ArrayList<>();
    versions.forEach((name, version) -> out.add(report(name, version)));
    return out;
  }

  private VersionReport report(String name, VersionTally version) {
    return new VersionReport(
        name,
        faulty.contains(name),
        version.served,
        version.failed,
        version.harmed,
        version.ttft.quantiles(),
        version.itl.quantiles(),
        version.endToEnd.quantiles());
  }

  Map<String, Long> reasons() {
    return reasons;
  }

  List<Example> examples() {
    return examples;
  }

  double sendLagMillis() {
    return sendLag.millis(0.99);
  }
}
