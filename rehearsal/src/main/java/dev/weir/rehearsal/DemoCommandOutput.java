// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.io.PrintStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The demo's last word: a table and what to try next, or one JSON document.
public final class DemoCommandOutput {
  private static final String NEXT =
      """
        try next
          ./weir up                                         both planes, no traffic
          ./weir apply -f examples/sim.yaml --wait          a simulated model of your own
          ./weir apply -f examples/sim-next.yaml            a second version: a canary release
          ./weir rollout watch chat                         and its progress
      """;

  private DemoCommandOutput() {}

  public static void print(DemoReport report, boolean json, PrintStream out) {
    if (json) {
      out.println(
          JsonMapper.builder()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .build()
              .writeValueAsString(report));
    } else {
      out.println();
      out.print(DemoTable.render(report));
      out.println(report.kept() ? "  everything that was promised happened" : "  NOT as promised");
      out.println();
      out.print(NEXT);
    }
    out.flush();
  }
}
