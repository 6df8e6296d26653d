// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.generate;

import dev.weir.snapshot.RoutingSnapshot.Generated;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The prompts of probes: the configured ones, each with equal probability and unchanged, or
/// built-in ones.
///
/// Built-in prompts vary in length and task, and each starts with a random number. Otherwise an
/// engine with prefix caching would answer most of them from its cache, and a slower prefill would
/// go unnoticed.
public final class ProbePrompts {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int NUMBERS = 1_000_000;

  private static final List<String> TASKS =
      List.of(
          "Explain in three sentences how %s works.",
          "List five facts about %s.",
          "Write a short poem about %s.",
          "What would a child ask about %s? Answer that question.",
          "Compare %s with something that most people know better.",
          "Give step-by-step instructions that have to do with %s.",
          "Write a dialogue of two people who disagree about %s.",
          "Summarise the history of %s in one paragraph.",
          "Answer with one word: is %s older than the steam engine?",
          "Translate into French: we have talked about %s all morning.",
          """
          You are an editor. Below is a note about %s. It was written in a hurry, by somebody who \
          knows the matter well and the reader not at all: it begins in the middle, it explains \
          what everybody knows and leaves out what nobody does, and it ends when the paper ended. \
          Say what the note must have been about, what a reader would ask first, in which order \
          you would tell it instead, and write the first paragraph of your version.\
          """,
          """
          A team of four keeps records on %s: one of them collects, one checks, one writes, one \
          answers the telephone. Since last week twice as many records come in and the same number \
          go out. Nobody is ill, nobody has left, and the forms are the same as before. Name the \
          three most likely reasons, how each could be told from the others within a day, and what \
          to do about each.\
          """);

  private static final List<String> SUBJECTS =
      List.of(
          "a lighthouse",
          "bread",
          "the tides",
          "bicycles",
          "a printing press",
          "honey bees",
          "glass",
          "the postal service",
          "volcanoes",
          "chess",
          "a weir in a river",
          "maps",
          "wool",
          "clocks",
          "salt",
          "migrating birds");

  private ProbePrompts() {}

  /// The request body of one probe: a chat with one message, or a completion.
  ///
  /// @param model public name in the request
  public static byte[] next(Generated generated, String model, RandomGenerator random) {
    return JSON.writeValueAsBytes(body(generated, model, prompt(generated.prompts(), random)));
  }

  private static String prompt(List<String> own, RandomGenerator random) {
    return own.isEmpty()
        ? "No. %d. %s"
            .formatted(
                random.nextInt(NUMBERS), pick(TASKS, random).formatted(pick(SUBJECTS, random)))
        : pick(own, random);
  }

  private static String pick(List<String> from, RandomGenerator random) {
    return from.get(random.nextInt(from.size()));
  }

  private static ObjectNode body(Generated generated, String model, String prompt) {
    ObjectNode body = JSON.createObjectNode().put("model", model);
    if (generated.completions()) {
      body.put("prompt", prompt);
    } else {
      body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    }
    body.put("max_tokens", generated.maxTokens()).put("stream", true);
    body.putObject("stream_options").put("include_usage", true);
    return body;
  }
}
