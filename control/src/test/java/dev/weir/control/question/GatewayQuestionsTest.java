// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.question;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.snapshot.GatewayAnswer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class GatewayQuestionsTest {
  private static final Duration AT_ONCE = Duration.ZERO;

  private final List<String> connected = new ArrayList<>(List.of("a", "b", "c"));
  private final GatewayQuestions questions =
      new GatewayQuestions(() -> connected, new SplittableRandom(1));

  @Test
  void who_answered_is_told_apart_from_who_did_not_and_from_who_could_not() throws Exception {
    questions.join(q -> questions.answered(new GatewayAnswer("a", "x", q.id(), "1")));
    questions.join(q -> questions.answered(new GatewayAnswer("b", "x", q.id(), "")));
    questions.join(q -> {
      throw new IllegalStateException("broken on purpose");
    });
    GatewayReplies replies = questions.ask("explain", "r", AT_ONCE);
    assertThat(replies.answers()).containsOnlyKeys("a");
    assertThat(replies.silent()).containsExactly("b", "c");
  }

  @Test
  void an_answer_to_another_question_or_from_a_stranger_or_a_second_one_is_dropped()
      throws Exception {
    questions.join(q -> {
      questions.answered(new GatewayAnswer("a", "x", "0", "1"));
      questions.answered(new GatewayAnswer("stranger", "x", q.id(), "1"));
      questions.answered(new GatewayAnswer("b", "x", q.id(), "first"));
      questions.answered(new GatewayAnswer("b", "x", q.id(), "second"));
    });
    GatewayReplies replies = questions.ask("explain", "r", AT_ONCE);
    assertThat(replies.answers()).hasSize(1).containsEntry("b", "first");
    assertThat(replies.silent()).containsExactly("a", "c");
  }

  @Test
  void answers_beyond_the_limit_of_all_together_are_dropped_and_named() throws Exception {
    connected.clear();
    for (int i = 0; i < 20; i++) {
      connected.add("gw-%02d".formatted(i));
    }
    String large = "x".repeat(GatewayAnswer.MAX_CHARS);
    questions.join(q ->
        connected.forEach(id -> questions.answered(new GatewayAnswer(id, "x", q.id(), large))));
    GatewayReplies replies = questions.ask("explain", "r", AT_ONCE);
    assertThat(replies.answers()).hasSize(16);
    assertThat(replies.silent()).hasSize(4);
  }

  @Test
  void too_many_questions_at_once_are_refused_and_an_ended_one_makes_room() throws Exception {
    var release = new CountDownLatch(1);
    var asked = new CountDownLatch(GatewayQuestions.MAX_OPEN);
    questions.join(_ -> {
      asked.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    List<Thread> askers = new ArrayList<>();
    for (int i = 0; i < GatewayQuestions.MAX_OPEN; i++) {
      askers.add(Thread.ofVirtual().start(this::askOnce));
    }
    asked.await();
    assertThatThrownBy(() -> questions.ask("explain", "r", AT_ONCE))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("try again");
    release.countDown();
    for (Thread asker : askers) {
      asker.join();
    }
    assertThat(questions.ask("explain", "r", AT_ONCE).silent()).hasSize(3);
  }

  private void askOnce() {
    try {
      GatewayReplies _ = questions.ask("explain", "r", AT_ONCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
