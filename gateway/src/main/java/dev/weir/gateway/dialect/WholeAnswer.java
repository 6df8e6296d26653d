// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.answer.AnswerWatch;
import dev.weir.gateway.exchange.answer.Timeline;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The relevant contents of a non-streamed JSON answer, read in one pass without building a tree.
///
/// @param readable whether it is exactly one JSON object, which a client can parse
/// @param choices number of `choices`
/// @param promptTokens from the last `usage` object; 0 if the engine did not report it
/// @param outputTokens likewise
/// @param aborted whether the engine aborted the answer (`"finish_reason":"abort"`) despite status
///   200
public record WholeAnswer(
    boolean readable, int choices, long promptTokens, long outputTokens, boolean aborted) {

  /// @param watch receives the model's text, tool calls and refusal, from the known fields of
  ///   chats, completions, responses and messages. Only the first of several choices is passed on,
  ///   but content is detected in all of them.
  public static WholeAnswer read(ByteBuf body, Optional<AnswerWatch> watch) {
    try (InputStream in = new ByteBufInputStream(body.slice());
        JsonParser parser = StreamingJson.FACTORY.createParser(StreamingJson.READ, in)) {
      Reading reading = new Reading(parser, watch);
      boolean readable = reading.document();
      return new WholeAnswer(
          readable, reading.choices, reading.prompt, reading.output, reading.aborted);
    } catch (JacksonException | IOException e) {
      return new WholeAnswer(false, 0, 0, 0, false);
    }
  }

  /// Reads an answer of status 2xx into the attempt's timeline.
  ///
  /// @return the failure of an answer that is invalid despite its status
  public static Optional<Failure> into(Timeline timeline, ApiFamily family, ByteBuf body) {
    WholeAnswer read = read(body, timeline.watch());
    if (family.generates() && !read.readable()) {
      return Optional.of(
          new Failure(Failure.Kind.BAD_ANSWER, "a replica's answer is not a JSON object"));
    }
    if (family.choices() && read.choices() == 0) {
      return Optional.of(new Failure(Failure.Kind.BAD_ANSWER, "a replica's answer has no choices"));
    }
    timeline.watch().filter(_ -> read.readable()).ifPresent(AnswerWatch::understood);
    timeline.usage(read.promptTokens(), read.outputTokens());
    return read.aborted()
        ? Optional.of(new Failure(Failure.Kind.CUT, "the engine aborted the answer"))
        : Optional.empty();
  }

  private static final class Reading {
    /// Top-level fields that contain the model's output.
    private static final Set<String> ANSWERS = Set.of("choices", "output", "content");

    /// Fields that are skipped.
    private static final Set<String> SKIPPED =
        Set.of("logprobs", "input", "reasoning", "reasoning_content", "summary");

    private static final Set<String> THOUGHTS =
        Set.of("reasoning", "reasoning_text", "thinking", "redacted_thinking");

    private static final Set<String> TEXTS =
        Set.of("message", "text", "output_text", "refusal", "function");

    private final JsonParser parser;
    private final Optional<AnswerWatch> watch;
    private Optional<AnswerWatch> listening = Optional.empty();
    private boolean answering;
    private boolean thinking;
    private int choices;
    private int calls;
    private long prompt;
    private long output;
    private boolean aborted;

    Reading(JsonParser parser, Optional<AnswerWatch> watch) {
      this.parser = parser;
      this.watch = watch;
    }

    boolean document() {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        answering = ANSWERS.contains(name);
        listening = answering ? watch : Optional.empty();
        if (name.equals("choices") && value == JsonToken.START_ARRAY) {
          choices();
        } else {
          field(name, value);
        }
      }
      return parser.nextToken() == null;
    }

    private void choices() {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        choices += parser.currentToken() == JsonToken.START_OBJECT ? 1 : 0;
        inside(parser.currentToken());
        listening = Optional.empty();
      }
    }

    /// Reads everything below this value.
    private void inside(JsonToken value) {
      if (value == JsonToken.START_ARRAY) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          inside(parser.currentToken());
        }
      } else if (value == JsonToken.START_OBJECT) {
        boolean outside = thinking;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          field(parser.currentName(), parser.nextToken());
        }
        thinking = outside;
      }
    }

    private void field(String name, JsonToken value) {
      if (SKIPPED.contains(name)) {
        parser.skipChildren();
      } else if (name.equals("usage") && value == JsonToken.START_OBJECT) {
        usage();
      } else if (value == JsonToken.VALUE_STRING) {
        text(name);
      } else {
        if (name.equals("audio") && value == JsonToken.START_OBJECT) {
          shown();
        }
        inside(value);
      }
    }

    private void text(String name) {
      switch (name) {
        case "finish_reason" -> reason(parser.getString(), listening);
        case "stop_reason" -> reason(parser.getString(), watch);
        case "reason" -> limit(parser.getString());
        case "type" -> type(parser.getString());
        case "content", "text" -> content(parser.getString());
        case "name" -> {
          shown();
          listening.ifPresent(to -> to.called(parser.getString()));
        }
        case "arguments" -> {
          shown();
          listening.ifPresent(to -> to.call(calls++, parser.getString()));
        }
        case "refusal" -> refusal(parser.getString());
        default -> {}
      }
    }

    private void content(String text) {
      if (!thinking) {
        listening.ifPresent(to -> to.text(text));
        if (!text.isBlank()) {
          shown();
        }
      }
    }

    private void refusal(String text) {
      if (!text.isEmpty()) {
        shown();
        listening.ifPresent(AnswerWatch::refused);
      }
    }

    /// Blocks of reasoning contain nothing of the answer; blocks of unknown types (tool calls,
    /// images) do.
    private void type(String type) {
      thinking |= THOUGHTS.contains(type);
      if (!thinking && !TEXTS.contains(type)) {
        shown();
      }
    }

    private void shown() {
      if (answering) {
        watch.ifPresent(AnswerWatch::shown);
      }
    }

    private void limit(String reason) {
      if (LengthLimitReasons.isOne(reason)) {
        watch.ifPresent(AnswerWatch::limited);
      }
    }

    private void reason(String reason, Optional<AnswerWatch> to) {
      aborted |= reason.equals("abort");
      limit(reason);
      if (RefusalReasons.isOne(reason)) {
        to.ifPresent(AnswerWatch::refused);
      }
    }

    private void usage() {
      prompt = 0;
      output = 0;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
          count(name);
        }
        parser.skipChildren();
      }
    }

    private void count(String name) {
      switch (name) {
        case "prompt_tokens", "input_tokens" -> prompt = StreamingJson.count(parser);
        case "completion_tokens", "output_tokens" -> output = StreamingJson.count(parser);
        default -> {}
      }
    }
  }
}
