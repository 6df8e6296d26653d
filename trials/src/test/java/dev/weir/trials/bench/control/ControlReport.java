// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/// The rows of a bench as JSON and as a page.
record ControlReport(List<ControlBenchRow> rows) {
  ControlReport {
    rows = List.copyOf(rows);
  }

  String json() {
    Map<String, Object> exponents = new LinkedHashMap<>();
    ControlBenchRow.idleExponent(rows)
        .ifPresent(exponent -> exponents.put("idle", rounded(exponent)));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("rows", rows.stream().map(ControlReport::map).toList());
    all.put("exponents", exponents);
    return JsonMapper.shared().writeValueAsString(all);
  }

  String page() {
    String table =
        rows.stream()
            .map(row ->
                String.format(
                    Locale.ROOT,
                    "| %d | %d | %.1f | %.0f | %.0f | %.0f | %.1f |%n",
                    row.services(),
                    row.replicas(),
                    row.idleCorePercent(),
                    row.probesPerSecond(),
                    row.readySeconds(),
                    row.memoryMiB(),
                    row.restartSeconds()))
            .collect(Collectors.joining());
    String exponent =
        ControlBenchRow.idleExponent(rows).stream()
            .mapToObj(value ->
                String.format(
                    Locale.ROOT,
                    "%nFrom 100 Services on, the idle cost grows with their number to the power"
                        + " of %.2f.%n",
                    value))
            .collect(Collectors.joining());
    return """
    # Cost of an idle control plane

    Written by `./dev bench control --report FILE`; do not edit by hand. A real `weir control`
    (SQLite, no gateway) watches external engines while nothing changes. 100 %% is one core. The cost of
    the probes, which are in proportion to the replicas, is part of the idle cost.

    | Services | replicas | idle, %% of a core | probes/s | until all Ready, s | memory, MiB | restart, s |
    |---:|---:|---:|---:|---:|---:|---:|
    %s%s\
    """
        .formatted(table, exponent);
  }

  /// A row for people who watch the bench.
  static String line(ControlBenchRow row) {
    return String.format(
        Locale.ROOT,
        "%5d Services, %6d replicas: idle %6.1f %% of a core (%.0f probes/s), %.0f MiB, restart"
            + " %.1f s",
        row.services(),
        row.replicas(),
        row.idleCorePercent(),
        row.probesPerSecond(),
        row.memoryMiB(),
        row.restartSeconds());
  }

  private static Map<String, Object> map(ControlBenchRow row) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("services", row.services());
    map.put("replicas", row.replicas());
    map.put("gateways", row.gateways());
    map.put("store", row.store());
    map.put("idleCorePercent", rounded(row.idleCorePercent()));
    map.put("probesPerSecond", rounded(row.probesPerSecond()));
    map.put("readySeconds", rounded(row.readySeconds()));
    map.put("memoryMiB", rounded(row.memoryMiB()));
    map.put("restartSeconds", rounded(row.restartSeconds()));
    return map;
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
