// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.sequential.BernoulliDetector.Allocation;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Every vector of the reference implementation, to 1e-9.
class VectorsTest {

  private static final Offset<Double> EXACTLY = within(1e-9);
  private static final JsonNode VECTORS = read();

  @TestFactory
  Stream<DynamicTest> rates_follow_the_reference() {
    return VECTORS
        .propertyStream()
        .filter(e -> e.getValue().path("type").asString("").equals("bernoulli"))
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> checkBernoulli(e.getValue())));
  }

  @Test
  void all_eight_rate_vectors_and_the_five_others_are_there() {
    long rates =
        VECTORS.valueStream().filter(v -> v.path("type").asString("").equals("bernoulli")).count();
    assertThat(rates).isEqualTo(8);
    assertThat(VECTORS.propertyNames())
        .contains("score", "latency", "diff_cs", "srm", "combine", "_meta")
        .hasSize(14);
  }

  private static void checkBernoulli(JsonNode vector) {
    BernoulliDetector detector =
        new BernoulliDetector(
            Side.valueOf(vector.get("side").asString().toUpperCase(Locale.ROOT)),
            vector.get("prior").asDouble(),
            vector.get("delta").asDouble(),
            Allocation.valueOf(vector.get("alloc").asString().toUpperCase(Locale.ROOT)),
            vector.get("phi").asDouble());
    JsonNode slices = vector.get("slices_c1_nc_b1_nb");
    for (int i = 0; i < slices.size(); i++) {
      JsonNode rho = vector.get("rho");
      double logE =
          detector.slice(
              counts(slices.get(i)), rho.isArray() ? rho.get(i).asDouble() : rho.asDouble());
      assertThat(logE).as("slice %d", i).isCloseTo(vector.get("log_e").get(i).asDouble(), EXACTLY);
    }
    for (int k = 0; k < EProcess.BETTORS; k++) {
      assertThat(detector.state().logWealth().get(k))
          .as("bettor %d", k)
          .isCloseTo(vector.get("final_log_wealth").get(k).asDouble(), EXACTLY);
    }
    assertThat(detector.state().reserve())
        .isCloseTo(vector.get("final_reserve").asDouble(), EXACTLY);
    assertThat(detector.centre()).isCloseTo(vector.get("final_m").asDouble(), EXACTLY);
  }

  @Test
  void scores_follow_the_reference() {
    JsonNode vector = VECTORS.get("score");
    double prior = vector.get("prior").asDouble();
    ScoreDetector harm = new ScoreDetector(Side.HARM, prior, vector.get("delta_harm").asDouble());
    ScoreDetector safe = new ScoreDetector(Side.SAFE, prior, vector.get("delta_safe").asDouble());
    double rho = vector.get("rho").asDouble();
    for (int i = 0; i < vector.get("slices_arm_badness").size(); i++) {
      double[] canary = ofArm(vector.get("slices_arm_badness").get(i), "c");
      double[] baseline = ofArm(vector.get("slices_arm_badness").get(i), "b");
      assertThat(harm.slice(canary, baseline, rho))
          .isCloseTo(vector.get("log_e_harm").get(i).asDouble(), EXACTLY);
      assertThat(safe.slice(canary, baseline, rho))
          .isCloseTo(vector.get("log_e_safe").get(i).asDouble(), EXACTLY);
    }
  }

  @Test
  void latencies_follow_the_reference() {
    JsonNode vector = VECTORS.get("latency");
    LogHistogram warm = new LogHistogram();
    for (double seconds : doubles(vector.get("warmup_baseline"))) {
      warm.add(Math.log(seconds));
    }
    double tolerance = vector.get("tolerance").asDouble();
    LatencyDetector detector =
        new LatencyDetector(
            ComparedQuantiles.LATENCY, tolerance, .25, DispersionDivisor.fixed(1), warm.buckets());
    for (int i = 0; i < vector.get("slices").size(); i++) {
      JsonNode slice = vector.get("slices").get(i);
      JsonNode expected = vector.get("expected").get(i);
      var counted =
          detector.slice(
              LatencySample.of(doubles(slice.get("canary"))),
              LatencySample.of(doubles(slice.get("baseline"))),
              vector.get("rho").asDouble(),
              true,
              0);
      for (int q = 0; q < counted.size(); q++) {
        assertThat(counted.get(q).thresholdLog())
            .isCloseTo(expected.get("tau_log").get(q).asDouble(), EXACTLY);
        JsonNode both = expected.get("counts_c1_b1").get(q);
        assertThat(counted.get(q).counts().canaryBad()).isEqualTo(both.get(0).asLong());
        assertThat(counted.get(q).counts().baselineBad()).isEqualTo(both.get(1).asLong());
      }
      assertThat(counted).hasSize(5);
      assertThat(detector.harmLogE()).isCloseTo(expected.get("log_e").asDouble(), EXACTLY);
    }
  }

  @Test
  void the_confidence_sequence_follows_the_reference() {
    JsonNode vector = VECTORS.get("diff_cs");
    DiffConfidenceSequence sequence =
        new DiffConfidenceSequence(
            vector.get("prior").asDouble(),
            vector.get("alpha").asDouble(),
            vector.get("grid").get(0).asDouble(),
            vector.get("grid").get(1).asDouble(),
            vector.get("grid").get(2).asInt());
    JsonNode slices = vector.get("slices_c1_nc_b1_nb");
    for (int i = 0; i < slices.size(); i++) {
      var limits = sequence.slice(counts(slices.get(i)), vector.get("rho").asDouble());
      JsonNode expected = vector.get("lower_upper").get(i);
      assertThat(limits.lower()).isCloseTo(expected.get(0).asDouble(), EXACTLY);
      assertThat(limits.upper()).isCloseTo(expected.get(1).asDouble(), EXACTLY);
    }
    assertThat(sequence.harmLogE(0))
        .isCloseTo(vector.get("log_e_harm_theta0_final").asDouble(), EXACTLY);
    assertThat(sequence.safeLogE(0))
        .isCloseTo(vector.get("log_e_safe_theta0_final").asDouble(), EXACTLY);
  }

  @Test
  void sample_ratios_follow_the_reference() {
    assertThat(VECTORS.get("srm").get("cases")).hasSize(5);
    for (JsonNode c : VECTORS.get("srm").get("cases")) {
      double logE =
          SampleRatioMismatch.logE(
              c.get("nc").asLong(), c.get("nb").asLong(), c.get("rho").asDouble());
      assertThat(logE).isCloseTo(c.get("log_e").asDouble(), EXACTLY);
    }
  }

  static SliceCounts counts(JsonNode slice) {
    return new SliceCounts(
        slice.get(0).asLong(), slice.get(1).asLong(), slice.get(2).asLong(), slice.get(3).asLong());
  }

  private static double[] ofArm(JsonNode slice, String arm) {
    return slice
        .valueStream()
        .filter(o -> o.get(0).asString().equals(arm))
        .mapToDouble(o -> o.get(1).asDouble())
        .toArray();
  }

  private static double[] doubles(JsonNode array) {
    return array.valueStream().mapToDouble(JsonNode::asDouble).toArray();
  }

  private static JsonNode read() {
    try (InputStream in = VectorsTest.class.getResourceAsStream("/vectors.json")) {
      return JsonMapper.shared().readTree(Objects.requireNonNull(in, "vectors.json"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
