// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.snapshot.SnapshotFrames.Frame;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class QuestionsTest {
  private static final Question QUESTION = new Question("af01", "explain", "re\"q\nü");

  @Test
  void a_question_is_a_frame_of_one_line() throws IOException {
    byte[] frame = SnapshotFrames.ask(QUESTION);
    assertThat(new String(frame, StandardCharsets.UTF_8))
        .isEqualTo(
            "event: ask\ndata: {\"id\":\"af01\",\"kind\":\"explain\",\"subject\":\"re\\\"q\\nü\"}\n\n");
    assertThat(new SnapshotFrames.Reader(new ByteArrayInputStream(frame)).next())
        .contains(new Frame.Ask(QUESTION));
  }

  @Test
  void an_answer_round_trips_up_to_its_limit() throws IOException {
    var answer = new GatewayAnswer("gw", "b", "af01", "\"".repeat(GatewayAnswer.MAX_CHARS));
    assertThat(QuestionCodec.decodeAnswer(QuestionCodec.encode(answer))).isEqualTo(answer);
    assertThatThrownBy(
            () -> new GatewayAnswer("gw", "b", "af01", "x".repeat(GatewayAnswer.MAX_CHARS + 1)))
        .hasMessageContaining("at most");
  }

  @Test
  void questions_have_limits() {
    for (String kind : List.of("", "Explain", "1a", "a b", "a".repeat(41))) {
      assertThatThrownBy(() -> new Question("1", kind, "")).hasMessageContaining("kind");
    }
    assertThatThrownBy(() -> new Question("", "a", "")).hasMessageContaining("id");
    assertThatThrownBy(() -> new Question("1", "a", "x".repeat(1025)))
        .hasMessageContaining("subject");
  }
}
