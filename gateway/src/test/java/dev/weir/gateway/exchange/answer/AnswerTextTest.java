// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.dialect.ApiFamily;
import dev.weir.gateway.dialect.RequestBodyReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerTextTest {
  private static final int FEW = 10;

  private final AnswerText text = new AnswerText(FEW);
  private final AnswerWatch watch = new AnswerWatch(false, Optional.empty(), Optional.of(text));

  @Test
  void pieces_and_calls_are_in_the_order_of_arrival() {
    AnswerText all = new AnswerText(AnswerText.MAX_CHARS);
    AnswerWatch reads = new AnswerWatch(false, Optional.empty(), Optional.of(all));
    reads.text("Let me ");
    reads.text("look. ");
    reads.called("weather");
    reads.call(0, "{\"city\":");
    reads.called("");
    reads.call(0, "\"Oslo\"}");
    assertThat(all.text()).isEqualTo("Let me look. [call weather] {\"city\":\"Oslo\"}");
  }

  @Test
  void the_beginning_is_kept_and_a_mark_shows_the_truncation() {
    watch.text("12345");
    watch.text("67890");
    assertThat(text.text()).isEqualTo("1234567890");
    watch.text("1");
    watch.text("2".repeat(1_000_000));
    assertThat(text.text()).isEqualTo("1234567890\n[... truncated]");
  }

  @Test
  void an_unreadable_answer_is_not_an_empty_one() {
    assertThat(text.wasRead()).isFalse();
    watch.understood();
    assertThat(text.wasRead()).isTrue();
    assertThat(text.text()).isEmpty();
  }

  @Test
  void only_answers_to_be_graded_are_kept() {
    byte[] json = "{\"model\":\"m\"}".getBytes(StandardCharsets.UTF_8);
    assertThat(RequestBodyReader.readJson(ApiFamily.CHAT, json))
        .isInstanceOfSatisfying(
            RequestBodyReader.Result.Read.class,
            read -> {
              assertThat(read.parsedRequest().watch(true, false).text()).isEmpty();
              assertThat(read.parsedRequest().watch(false, true).text()).isPresent();
              assertThat(read.parsedRequest().watch(false, true).sketch()).isEmpty();
            });
  }
}
