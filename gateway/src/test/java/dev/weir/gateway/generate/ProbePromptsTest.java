// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ProbePromptsTest {
  private final SplittableRandom random = new SplittableRandom(7);

  private JsonNode next(boolean completions, List<String> prompts) {
    var generated = new Generated(RequestSource.PROBES, 1_000, completions, prompts, 48);
    return JsonMapper.shared().readTree(ProbePrompts.next(generated, "chat", random));
  }

  @Test
  void a_probe_is_a_short_streamed_chat_that_asks_for_its_counts() {
    JsonNode body = next(false, List.of());
    assertThat(body.path("model").asString()).isEqualTo("chat");
    assertThat(body.path("max_tokens").asInt()).isEqualTo(48);
    assertThat(body.path("stream").asBoolean()).isTrue();
    assertThat(body.path("stream_options").path("include_usage").asBoolean()).isTrue();
    assertThat(body.path("messages").path(0).path("role").asString()).isEqualTo("user");
  }

  @Test
  void the_built_in_prompts_differ_in_their_first_words_and_in_length() {
    Set<String> beginnings = new HashSet<>();
    Set<Integer> lengths = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      String text = next(false, List.of()).path("messages").path(0).path("content").asString();
      assertThat(text).doesNotContain("%");
      beginnings.add(text.substring(0, 10));
      lengths.add(text.length() / 100);
    }
    assertThat(beginnings).hasSizeGreaterThan(150);
    assertThat(lengths).contains(0).hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void the_prompts_of_a_user_are_all_sent_unchanged() {
    List<String> own = List.of("One \"quoted\" line", "100 %s of it", "three");
    Set<String> prompts = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      prompts.add(next(true, own).path("prompt").asString());
    }
    assertThat(prompts).containsExactlyInAnyOrderElementsOf(own);
  }
}
