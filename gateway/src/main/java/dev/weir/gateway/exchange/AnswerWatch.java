// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.Telemetry.Trait;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Reads along with the first answer that a counted request gets, for what a rollout's statistics
/// ask of it. Keeps only the first words of the text, unless the answer is to be graded. Event loop
/// only.
///
/// The arguments of a tool call count as JSON that was asked for.
public final class AnswerWatch {
  private static final int MOST_CALLS = 16;

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

  /// @param jsonAsked the request asks for JSON
  public AnswerWatch(boolean jsonAsked) {
    this(jsonAsked, Optional.empty(), Optional.empty());
  }

  /// @param jsonAsked the request asks for JSON
  /// @param sketch takes what the model says, and the arguments of its calls
  /// @param text takes the same in words
  public AnswerWatch(boolean jsonAsked, Optional<AnswerSketch> sketch, Optional<AnswerText> text) {
    this.jsonAsked = jsonAsked;
    this.sketch = sketch;
    this.text = text;
  }

  /// What the answer can be compared by, where somebody asked for it.
  public Optional<AnswerSketch> sketch() {
    return sketch;
  }

  /// What the answer says, where somebody is to read it.
  public Optional<AnswerText> text() {
    return text;
  }

  /// The answer is one that is understood.
  public void understood() {
    read = true;
    text.ifPresent(AnswerText::read);
  }

  /// An event is being sent to the client; of several choices the first is read.
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

  /// A part of what the model says.
  public void text(String piece) {
    shown = shown || !piece.isBlank();
    opening.feed(piece);
    loop.feed(piece);
    sketch.ifPresent(kept -> kept.feed(piece));
    text.ifPresent(kept -> kept.feed(piece));
    if (jsonAsked) {
      json.feed(piece);
    }
  }

  /// A tool is called by this name.
  ///
  /// @param name empty where it was told before
  public void called(String name) {
    text.filter(_ -> !name.isEmpty()).ifPresent(kept -> kept.call(name));
  }

  /// A part of a tool call's arguments; those of the calls after the sixteenth are not read.
  public void call(int index, String arguments) {
    sketch.ifPresent(kept -> kept.feed(arguments));
    text.ifPresent(kept -> kept.feed(arguments));
    if (calls.size() < MOST_CALLS || calls.containsKey(index)) {
      calls.computeIfAbsent(index, _ -> new JsonCheck()).feed(arguments);
    }
  }

  /// The engine says so itself.
  public void refused() {
    refused = true;
  }

  /// There is something that was asked for, in whichever choice or form.
  public void shown() {
    shown = true;
  }

  /// The answer, or one of its choices, ended at the limit of its tokens.
  public void limited() {
    limited = true;
  }

  /// Whether the answer has any content, now that it is whole. One of several choices is enough. An
  /// answer that was cut off by its limit (in its reasoning, or before it said anything) was not
  /// empty by its own doing, and a refusal has its own name.
  public AnswerContent answerContent() {
    if (!read) {
      return AnswerContent.UNKNOWN;
    }
    boolean some = shown || limited || refused || !calls.isEmpty();
    return some ? AnswerContent.SOME : AnswerContent.NONE;
  }

  /// What the answer is, now that it is over. Who refuses, or calls a tool instead, owes no JSON of
  /// its own.
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
