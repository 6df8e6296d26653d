// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.control;

import java.util.List;
import java.util.OptionalDouble;

/// One size of fleet and what an idle control plane costs with it. Names and units are those of the
/// JSON report.
///
/// @param idleCorePercent CPU time by elapsed time while nothing changes; 100 is one core
/// @param probesPerSecond probes of engines by the control plane; their cost is part of
///   `idleCorePercent`
/// @param readySeconds from the first apply until the last replica was Ready
/// @param memoryMiB resident, at the end of the measurement
/// @param restartSeconds from the start of the next process on the same data until it was ready
record ControlBenchRow(
    int services,
    int replicas,
    int gateways,
    String store,
    double idleCorePercent,
    double probesPerSecond,
    double readySeconds,
    double memoryMiB,
    double restartSeconds) {
  /// Below this the costs that do not depend on the fleet hide how the others grow.
  private static final int SMALLEST = 100;

  /// The power by which idle cost grows with the number of Services: the slope of a line through
  /// the logarithms, from 100 Services on. Empty with less than two sizes.
  static OptionalDouble idleExponent(List<ControlBenchRow> all) {
    List<ControlBenchRow> rows =
        all.stream().filter(row -> row.services >= SMALLEST && row.idleCorePercent > 0).toList();
    double meanX = rows.stream().mapToDouble(ControlBenchRow::logServices).average().orElse(0);
    double meanY = rows.stream().mapToDouble(ControlBenchRow::logIdle).average().orElse(0);
    double spread = rows.stream().mapToDouble(row -> square(row.logServices() - meanX)).sum();
    if (spread == 0) {
      return OptionalDouble.empty();
    }
    double common =
        rows.stream()
            .mapToDouble(row -> (row.logServices() - meanX) * (row.logIdle() - meanY))
            .sum();
    return OptionalDouble.of(common / spread);
  }

  private double logServices() {
    return Math.log(services);
  }

  private double logIdle() {
    return Math.log(idleCorePercent);
  }

  private static double square(double value) {
    return value * value;
  }
}
