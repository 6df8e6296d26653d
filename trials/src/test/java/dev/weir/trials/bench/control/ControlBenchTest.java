// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ControlBenchTest {
  @Test
  void the_exponent_is_the_power_by_which_cost_grows_from_a_hundred_services_on() {
    List<ControlBenchRow> rows = List.of(row(10, 5), row(100, 1), row(300, 9), row(1_000, 100));
    assertThat(ControlBenchRow.idleExponent(rows)).hasValueCloseTo(2.0, within(0.001));
  }

  @Test
  void one_size_has_no_exponent() {
    assertThat(ControlBenchRow.idleExponent(List.of(row(10, 1), row(300, 9)))).isEmpty();
    assertThat(new ControlReport(List.of(row(300, 9))).json()).endsWith("\"exponents\":{}}");
  }

  @Test
  void the_report_has_the_columns_of_the_contract() {
    assertThat(new ControlReport(List.of(row(100, 1.234))).json())
        .contains("\"services\":100,\"replicas\":300,\"gateways\":0,\"store\":\"sqlite\"")
        .contains("\"idleCorePercent\":1.23", "\"memoryMiB\":200.0", "\"restartSeconds\":3.0");
  }

  @Test
  void the_page_has_a_line_for_each_size_and_says_how_the_cost_grows() {
    String page = new ControlReport(List.of(row(100, 1), row(1_000, 10))).page();
    assertThat(page)
        .contains("| Services | replicas | idle, % of a core |", "100 % is one core")
        .contains("| 1000 | 3000 | 10.0 | 1 | 2 | 200 | 3.0 |\n\nFrom 100 Services on")
        .endsWith("to the power of 1.00.\n");
  }

  @Test
  void wrong_options_are_named_with_what_is_allowed() {
    assertThatThrownBy(() -> ControlBench.Options.parse("--services", "10,x"))
        .hasMessage("--services takes numbers from 1 to 10000, not 'x'");
    assertThatThrownBy(() -> ControlBench.Options.parse("--replicas"))
        .hasMessage("--replicas needs a value");
    assertThatThrownBy(() -> ControlBench.Options.parse("--fast"))
        .hasMessage("unknown option --fast");
  }

  private static ControlBenchRow row(int services, double idle) {
    return new ControlBenchRow(services, 3 * services, 0, "sqlite", idle, 1, 2, 200, 3);
  }
}
