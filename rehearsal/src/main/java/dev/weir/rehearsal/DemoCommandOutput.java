// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.io.PrintStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Prints the result of the demo: a table and next steps, or one JSON document.
public final class DemoCommandOutput {
  private static final String NEXT =
      """
        next steps
          ./weir up                                         start both planes without traffic
          ./weir apply -f examples/sim.yaml --wait          serve a simulated model
          ./weir apply -f examples/sim-next.yaml            release a second version as a canary
          ./weir rollout watch chat                         follow its progress
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
      out.println(report.succeeded() ? "  all expectations met" : "  EXPECTATIONS NOT MET");
      out.println();
      out.print(NEXT);
    }
    out.flush();
  }
}
