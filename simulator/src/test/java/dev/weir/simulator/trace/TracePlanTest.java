// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.simulator.trace.TracePlan.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracePlanTest {
  private static final Shape SHAPE = new Shape(0.7, 0.8, 0.2, 1024);

  @Test
  void the_same_seed_gives_the_same_requests_and_another_seed_gives_others() {
    TracePlan plan = new TracePlan(new TraceSpec.Fitted(60), 1, SHAPE);
    TracePlan again = new TracePlan(new TraceSpec.Fitted(60), 1, SHAPE);
    TracePlan other = new TracePlan(new TraceSpec.Fitted(60), 2, SHAPE);
    assertThat(take(again, 2000)).isEqualTo(take(plan, 2000));
    assertThat(again.digest(2000)).isEqualTo(plan.digest(2000)).hasSize(64);
    assertThat(other.digest(2000)).isNotEqualTo(plan.digest(2000));
  }

  @Test
  void changing_a_share_moves_no_arrival() {
    List<PlannedRequest> some = take(new TracePlan(new TraceSpec.Fitted(60), 1, SHAPE), 500);
    Shape streamed = new Shape(1, 0.8, 0.2, 1024);
    List<PlannedRequest> all = take(new TracePlan(new TraceSpec.Fitted(60), 1, streamed), 500);
    assertThat(all).allMatch(PlannedRequest::streamed);
    assertThat(all.stream().map(PlannedRequest::atNanos).toList())
        .isEqualTo(some.stream().map(PlannedRequest::atNanos).toList());
  }

  @Test
  void shares_scale_and_cap_are_applied() {
    List<PlannedRequest> plan = take(new TracePlan(new TraceSpec.Fitted(60), 1, SHAPE), 20_000);
    assertThat(plan.stream().filter(PlannedRequest::streamed).count()).isBetween(13_700L, 14_300L);
    assertThat(plan.stream().filter(PlannedRequest::chat).count()).isBetween(15_700L, 16_300L);
    assertThat(plan).allMatch(request -> request.promptTokens() <= 1024);
    assertThat(plan.stream().mapToInt(PlannedRequest::maxTokens).average().orElse(0))
        .isBetween(40.0, 44.5);
  }

  /// The statistics of the real trace; see AzureConversation.
  @Test
  void the_fitted_trace_has_the_figures_of_the_real_one() {
    List<Arrival> arrivals = new ArrayList<>();
    for (long seed = 0; seed < 10; seed++) {
      Iterator<Arrival> some = new TraceSpec.Fitted(AzureConversation.TRACE_RATE).arrivals(seed);
      for (int count = 0; count < 19_366; count++) {
        arrivals.add(some.next());
      }
    }
    assertThat(arrivals.stream().mapToInt(Arrival::inputTokens).average().orElse(0))
        .isBetween(1120.0, 1190.0);
    assertThat(arrivals.stream().mapToInt(Arrival::outputTokens).average().orElse(0))
        .isBetween(206.0, 216.0);
    assertThat(median(arrivals, Arrival::inputTokens)).isBetween(1010, 1030);
    assertThat(median(arrivals, Arrival::outputTokens)).isBetween(126, 132);
  }

  @Test
  void the_fitted_arrivals_are_as_bursty_as_the_real_ones() {
    double[] oneSecond = new double[20];
    double[] tenSeconds = new double[20];
    double rate = 0;
    for (int seed = 0; seed < 20; seed++) {
      long[] at = new long[19_366];
      Iterator<Arrival> arrivals =
          new TraceSpec.Fitted(AzureConversation.TRACE_RATE).arrivals(seed);
      Arrays.setAll(at, index -> arrivals.next().atNanos());
      oneSecond[seed] = varianceToMean(at, 1_000_000_000L);
      tenSeconds[seed] = varianceToMean(at, 10_000_000_000L);
      rate += at.length / (at[at.length - 1] / 1e9) / 20;
    }
    assertThat(rate).isBetween(5.2, 5.9);
    assertThat(Arrays.stream(oneSecond).average().orElse(0)).isBetween(1.2, 1.5);
    assertThat(Arrays.stream(tenSeconds).average().orElse(0)).isBetween(3.0, 4.4);
  }

  @Test
  void poisson_arrivals_have_the_rate_and_the_variance_of_a_poisson_process() {
    double rate = 0;
    double variance = 0;
    for (int seed = 0; seed < 20; seed++) {
      long[] at = new long[10_000];
      Iterator<Arrival> arrivals = new TraceSpec.Poisson(20).arrivals(seed);
      Arrays.setAll(at, _ -> arrivals.next().atNanos());
      rate += at.length / (at[at.length - 1] / 1e9) / 20;
      variance += varianceToMean(at, 1_000_000_000L) / 20;
    }
    assertThat(rate).isBetween(19.8, 20.2);
    assertThat(variance).isBetween(.95, 1.05);
  }

  private static double varianceToMean(long[] atNanos, long windowNanos) {
    int windows = (int) (atNanos[atNanos.length - 1] / windowNanos);
    double[] counts = new double[windows];
    for (long at : atNanos) {
      int window = (int) (at / windowNanos);
      if (window < windows) {
        counts[window]++;
      }
    }
    double mean = Arrays.stream(counts).average().orElseThrow();
    return Arrays.stream(counts).map(c -> (c - mean) * (c - mean)).sum() / (windows - 1) / mean;
  }

  private static int median(List<Arrival> arrivals, ToIntFunction<Arrival> of) {
    int[] values = arrivals.stream().mapToInt(of).sorted().toArray();
    return values[values.length / 2];
  }

  @Test
  void the_csv_of_azure_is_replayed_as_recorded(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("azure.csv");
    Files.writeString(
        file,
        "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 23:59:59.5000000,374,44\r\n2023-11-17 00:00:01.0000001,396,109\r\n");
    assertThat(read(new TraceSpec.Recorded(file, 1)))
        .containsExactly(new Arrival(0, 374, 44), new Arrival(1_500_000_100L, 396, 109));
    assertThat(read(new TraceSpec.Recorded(file, 10)).getLast().atNanos()).isEqualTo(150_000_010L);
  }

  @Test
  void the_json_lines_of_mooncake_are_replayed_as_recorded(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("mooncake.jsonl");
    Files.writeString(
        file,
        """
        {"timestamp": 1000, "input_length": 40160, "output_length": 6, "hash_ids": [0, 1]}
        {"timestamp": 1040, "input_length": 23769, "output_length": 3, "hash_ids": [2]}
        """);
    assertThat(read(new TraceSpec.Recorded(file, 1)))
        .containsExactly(new Arrival(0, 40160, 6), new Arrival(40_000_000L, 23769, 3));
  }

  @Test
  void an_error_in_a_trace_names_file_and_line(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("bad.csv");
    Files.writeString(file, "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 23:59:59.5,374\n");
    assertThatThrownBy(() -> read(new TraceSpec.Recorded(file, 1)))
        .hasMessageContaining("bad.csv:2")
        .hasMessageContaining("3 columns");
    Files.writeString(file, "");
    assertThatThrownBy(() -> read(new TraceSpec.Recorded(file, 1)))
        .hasMessageContaining("has no requests");
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> read(new TraceSpec.Recorded(none, 1)))
        .hasMessageContaining("cannot read");
  }

  private static List<Arrival> read(TraceSpec trace) {
    List<Arrival> out = new ArrayList<>();
    trace.arrivals(0).forEachRemaining(out::add);
    return out;
  }

  private static List<PlannedRequest> take(TracePlan plan, int count) {
    List<PlannedRequest> out = new ArrayList<>();
    Iterator<PlannedRequest> requests = plan.requests();
    for (int index = 0; index < count; index++) {
      out.add(requests.next());
    }
    return out;
  }
}
