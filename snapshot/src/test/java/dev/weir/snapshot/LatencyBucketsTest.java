// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class LatencyBucketsTest {
  @Test
  void one_second_is_the_first_latency_of_bucket_500() {
    assertThat(LatencyBuckets.indexOfMicros(1_000_000)).isEqualTo(500);
    assertThat(LatencyBuckets.indexOfMicros(999_000)).isEqualTo(499);
    assertThat(LatencyBuckets.indexOfMicros(1_025_000)).isEqualTo(501);
  }

  @Test
  void values_outside_the_range_count_in_the_outermost_buckets() {
    assertThat(LatencyBuckets.indexOfMicros(-1)).isZero();
    assertThat(LatencyBuckets.indexOfMicros(0)).isZero();
    assertThat(LatencyBuckets.indexOfMicros(1)).isZero();
    assertThat(LatencyBuckets.indexOfMicros(Long.MAX_VALUE)).isEqualTo(999);
    assertThat(LatencyBuckets.indexOfLogSeconds(Double.POSITIVE_INFINITY)).isEqualTo(999);
  }

  @Test
  void a_bucket_contains_values_up_to_its_upper_bound() {
    for (int i = 0; i < LatencyBuckets.COUNT; i++) {
      double upper = LatencyBuckets.upperLogSeconds(i);
      assertThat(LatencyBuckets.indexOfLogSeconds(upper - 0.001)).isEqualTo(i);
      assertThat(LatencyBuckets.indexOfLogSeconds(upper - 0.019)).isEqualTo(i);
    }
    assertThat(LatencyBuckets.upperLogSeconds(999)).isCloseTo(10, within(1e-9));
    assertThat(LatencyBuckets.upperSeconds(499)).isCloseTo(1, within(1e-9));
  }
}
