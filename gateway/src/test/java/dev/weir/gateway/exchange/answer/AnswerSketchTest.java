// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerSketchTest {
  private static final String BLUE =
      "The sky looks blue because air scatters short waves of light more than long ones.";
  private static final String PARAPHRASE =
      "The sky looks blue since the air scatters short light waves far more than long ones do.";
  private static final String OTHER =
      "public static void main(String[] args) { for (int i = 0; i < 10; i++) run(i); }";

  private static AnswerSketch of(String... pieces) {
    AnswerSketch sketch = new AnswerSketch(false);
    for (String piece : pieces) {
      sketch.feed(piece);
    }
    return sketch;
  }

  @Test
  void the_same_text_in_different_pieces_has_the_same_sketch() {
    AnswerSketch whole = of(BLUE);
    assertThat(whole.sameAs(of(BLUE.split("")))).isTrue();
    assertThat(whole.similarity(of(BLUE.substring(0, 8), BLUE.substring(8)))).isEqualTo(1);
    assertThat(whole.sameAs(of(BLUE + " "))).isFalse();
  }

  @Test
  void similar_texts_are_nearer_than_different_texts() {
    double near = of(BLUE).similarity(of(PARAPHRASE));
    double far = of(BLUE).similarity(of(OTHER));
    assertThat(near).isBetween(.6, .99).isEqualTo(of(PARAPHRASE).similarity(of(BLUE)));
    assertThat(far).isBetween(0., .4);
  }

  @Test
  void a_difference_after_the_counted_part_is_still_a_difference() {
    String longText = BLUE.repeat(100);
    AnswerSketch one = of(longText, "a");
    AnswerSketch other = of(longText, "b");
    assertThat(one.sameAs(other)).isFalse();
    assertThat(one.similarity(other)).isEqualTo(1);
  }

  @Test
  void answers_of_two_characters_are_either_equal_or_entirely_different() {
    assertThat(of("42").similarity(of("42"))).isEqualTo(1);
    assertThat(of("42").similarity(of("43"))).isZero();
    assertThat(of().any()).isFalse();
    assertThat(of("").similarity(of(BLUE))).isZero();
  }

  @Test
  void arguments_of_calls_count_as_text() {
    AnswerWatch watch =
        new AnswerWatch(false, Optional.of(new AnswerSketch(true)), Optional.empty());
    watch.call(0, "{\"city\":");
    watch.call(0, "\"Oslo\"}");
    AnswerSketch sketch = watch.sketch().orElseThrow();
    assertThat(sketch.sameAs(of("{\"city\":\"Oslo\"}"))).isTrue();
    assertThat(sketch.greedy()).isTrue();
  }
}
