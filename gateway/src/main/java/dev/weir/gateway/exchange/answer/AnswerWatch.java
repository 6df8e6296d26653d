// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.Telemetry.Trait;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Observes the first answer of a counted request for the metrics of a rollout. Stores only the
/// first words of the text, unless the answer is graded. Event loop only.
///
/// The arguments of a tool call count as requested JSON.
public final class AnswerWatch {
  private static final int MAX_CALLS = 16;

  private final boolean jsonAsked;
  private final JsonCheck json = new JsonCheck();
  private final LoopCheck loop = new LoopCheck();
  private final RefusalCheck opening = new RefusalCheck();
  private final Map<Integer, JsonCheck> calls = new TreeMap<>();
  private final Optional<AnswerSketch> sketch;
  private final Optional<AnswerText> text;
  private boolean refused;
  private boolean read;
  private boolean shown;
  private boolean limited;

  /// @param jsonAsked whether the request asks for JSON
  public AnswerWatch(boolean jsonAsked) {
    this(jsonAsked, Optional.empty(), Optional.empty());
  }

  /// @param jsonAsked whether the request asks for JSON
  /// @param sketch receives the model's text and the arguments of its tool calls
  /// @param text receives the same as text
  public AnswerWatch(boolean jsonAsked, Optional<AnswerSketch> sketch, Optional<AnswerText> text) {
    this.jsonAsked = jsonAsked;
    this.sketch = sketch;
    this.text = text;
  }

  /// The sketch for comparing the answer, if requested.
  public Optional<AnswerSketch> sketch() {
    return sketch;
  }

  /// The text of the answer, if it is graded.
  public Optional<AnswerText> text() {
    return text;
  }

  /// Records that the answer was parsed.
  public void understood() {
    read = true;
    text.ifPresent(AnswerText::read);
  }

  /// Reads an event that is sent to the client; only the first of several choices is read.
  public void event(EventContent facts) {
    understood();
    shown |= facts.shown;
    limited |= facts.limited;
    if (facts.otherChoice) {
      return;
    }
    if (!facts.text.isEmpty()) {
      text(facts.text);
    }
    facts.calls.forEach(call -> {
      called(call.name());
      call(call.index(), call.arguments());
    });
    if (facts.refused) {
      refused();
    }
  }

  /// Adds a part of the model's text.
  public void text(String piece) {
    shown = shown || !piece.isBlank();
    opening.feed(piece);
    loop.feed(piece);
    sketch.ifPresent(sink -> sink.feed(piece));
    text.ifPresent(sink -> sink.feed(piece));
    if (jsonAsked) {
      json.feed(piece);
    }
  }

  /// Records a tool call.
  ///
  /// @param name empty if it was reported before
  public void called(String name) {
    text.filter(_ -> !name.isEmpty()).ifPresent(sink -> sink.call(name));
  }

  /// Adds a part of a tool call's arguments; only the first sixteen calls are read.
  public void call(int index, String arguments) {
    sketch.ifPresent(sink -> sink.feed(arguments));
    text.ifPresent(sink -> sink.feed(arguments));
    if (calls.size() < MAX_CALLS || calls.containsKey(index)) {
      calls.computeIfAbsent(index, _ -> new JsonCheck()).feed(arguments);
    }
  }

  /// Records that the engine reports a refusal.
  public void refused() {
    refused = true;
  }

  /// Records that there is content, in any choice or form.
  public void shown() {
    shown = true;
  }

  /// Records that the answer, or one of its choices, ended at its token limit.
  public void limited() {
    limited = true;
  }

  /// Whether the complete answer has any content; one of several choices is enough. An answer cut
  /// off at its limit (for example in its reasoning) does not count as empty, and neither does a
  /// refusal.
  public AnswerContent answerContent() {
    if (!read) {
      return AnswerContent.UNKNOWN;
    }
    boolean hasContent = shown || limited || refused || !calls.isEmpty();
    return hasContent ? AnswerContent.SOME : AnswerContent.NONE;
  }

  /// Traits of the complete answer. An answer that refuses, or calls a tool instead, need not be
  /// JSON.
  public Set<Trait> traits() {
    Set<Trait> traits = EnumSet.noneOf(Trait.class);
    boolean refuses = refused || opening.refuses();
    boolean ownJson = jsonAsked && calls.isEmpty() && !refuses;
    if (refuses) {
      traits.add(Trait.REFUSAL);
    }
    if (loop.looping()) {
      traits.add(Trait.REPETITION);
    }
    if (ownJson || !calls.isEmpty()) {
      traits.add(Trait.JSON_ASKED);
    }
    boolean wholeCalls = calls.values().stream().allMatch(JsonCheck::whole);
    if ((ownJson && !json.whole()) || !wholeCalls) {
      traits.add(Trait.INVALID_JSON);
    }
    return traits;
  }
}
