// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.overdue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AnswerTimesTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final long FIRST_TOKEN = TimeUnit.SECONDS.toNanos(10);
  private static final long TOTAL = TimeUnit.SECONDS.toNanos(600);

  private final AnswerTimes times = new AnswerTimes();

  private double boundSeconds(AnswerKind kind) {
    return times.boundNanos("default/chat", kind, FIRST_TOKEN, TOTAL) / 1e9;
  }

  private void learn(AnswerKind kind, double seconds, long tokens, int count) {
    for (int i = 0; i < count; i++) {
      times.learn("default/chat", kind, (long) (seconds * 1e9), tokens);
    }
  }

  @Test
  void without_history_only_the_request_itself_bounds_the_wait() {
    assertThat(boundSeconds(AnswerKind.generated(CHAT, -1))).isEqualTo(600);
    assertThat(boundSeconds(AnswerKind.generated(CHAT, 100))).isEqualTo(20);
    assertThat(boundSeconds(AnswerKind.generated(CHAT, 4_000))).isEqualTo(410);
    assertThat(boundSeconds(AnswerKind.computed("/v1/embeddings", 100))).isEqualTo(600);
  }

  @Test
  void typical_answers_bound_the_wait_for_an_answer_of_their_kind() {
    AnswerKind kind = AnswerKind.generated(CHAT, -1);
    learn(kind, 20, 400, AnswerTimes.MIN_ANSWERS - 1);
    assertThat(boundSeconds(kind)).isEqualTo(600);
    learn(kind, 20, 400, 1);
    assertThat(boundSeconds(kind)).isBetween(30.0, 33.1);
  }

  @Test
  void short_answers_do_not_bound_a_request_for_a_long_one() {
    learn(AnswerKind.generated(CHAT, 100), 5, 100, 1_000);
    assertThat(boundSeconds(AnswerKind.generated(CHAT, 4_000)))
        .as("200 s at 20 tokens a second is not a hang")
        .isGreaterThan(200);
  }

  @Test
  void the_wait_is_between_the_first_token_timeout_and_the_total_timeout() {
    AnswerKind kind = AnswerKind.generated(CHAT, -1);
    learn(kind, .1, 10, 1_000);
    assertThat(boundSeconds(kind)).isEqualTo(10);
    assertThat(times.boundNanos("default/chat", kind, FIRST_TOKEN, 7)).isEqualTo(7);
    AnswerKind slow = AnswerKind.generated(CHAT, 8_000);
    learn(slow, 500, 8_000, 1_000);
    assertThat(boundSeconds(slow)).isEqualTo(600);
  }

  @Test
  void services_and_paths_are_separate_and_removed_services_are_forgotten() {
    AnswerKind kind = AnswerKind.computed("/v1/embeddings", 100);
    learn(kind, .1, 0, 1_000);
    assertThat(boundSeconds(AnswerKind.computed("/rerank", 100))).isEqualTo(600);
    assertThat(times.boundNanos("default/other", kind, FIRST_TOKEN, TOTAL)).isEqualTo(TOTAL);
    times.sweep(_ -> false);
    assertThat(boundSeconds(kind)).isEqualTo(600);
  }

  /// Lengths are lognormal (median 200 tokens, sigma 0.9), 30 ms a token with 10% jitter. Abandoned
  /// answers are not learned, as in a gateway.
  @Test
  void fewer_than_1_in_1000_healthy_answers_are_overdue_although_those_are_not_learned() {
    AnswerKind kind = AnswerKind.generated(CHAT, -1);
    Random random = new Random(7);
    int overdue = 0;
    int all = 200_000;
    for (int i = 0; i < all; i++) {
      double tokens = 200 * Math.exp(.9 * random.nextGaussian());
      double seconds = .3 + .03 * tokens * Math.exp(.1 * random.nextGaussian());
      if (seconds > boundSeconds(kind)) {
        overdue++;
      } else {
        times.learn("default/chat", kind, (long) (seconds * 1e9), (long) tokens);
      }
    }
    assertThat((double) overdue / all).isLessThan(.001);
  }

  @Test
  void old_answers_lose_weight() {
    AnswerKind kind = AnswerKind.generated(CHAT, -1);
    learn(kind, 100, 1_000, 1_000);
    assertThat(boundSeconds(kind)).isGreaterThan(140);
    learn(kind, 20, 400, 12 * DurationHistogram.MAX_TOTAL);
    assertThat(boundSeconds(kind)).isLessThan(34);
  }
}
