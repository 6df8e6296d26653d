// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import java.util.Optional;

/// What one client has received so far in one stream, over all attempts: enough for another replica
/// to continue the answer. Event loop only.
///
/// Without the engine's usage, each event with output counts as one token, and so does an end
/// chosen by the model. Some engines do not count the token that ends an answer, so the usage at
/// the end of an answer is used unchanged.
public final class Transcript {
  /// Longer streams are not stored for continuation.
  public static final int MAX_TEXT = 256 * 1024;

  private final ResumeConstraints resumeConstraints;
  private final TokenIdTracking ids;
  private final StringBuilder text = new StringBuilder();
  private final TokenHistory history = new TokenHistory();
  private boolean fromText;
  private String id = "";
  private String created = "";
  private String model = "";
  private boolean begun;
  private long promptTokens = -1;
  private long legTokens;
  private long legOutputTokens = -1;
  private boolean legCountIsFinal;
  private boolean stopped;
  private long carriedTokens;
  private long carriedInPrompt;
  private int carriedStopTokens;
  private boolean stoppedAgain;
  private boolean finished;
  private boolean usageSent;
  private int resumes;

  /// @param fromText whether service, client and request allow continuing from the text
  public Transcript(boolean fromText, ResumeConstraints resumeConstraints) {
    this(fromText, TokenIdTracking.IGNORED, resumeConstraints);
  }

  /// @param fromText whether service, client and request allow continuing from the text
  /// @param ids other than ignored if they allow continuing from token ids
  public Transcript(boolean fromText, TokenIdTracking ids, ResumeConstraints resumeConstraints) {
    this.fromText = fromText;
    this.ids = ids;
    this.resumeConstraints = resumeConstraints;
    if (ids == TokenIdTracking.IGNORED) {
      history.markLost();
    }
  }

  /// Another attempt starts, and the client has received nothing of the previous ones.
  public void restart() {
    id = "";
    promptTokens = -1;
    legOutputTokens = -1;
    legCountIsFinal = false;
    if (ids != TokenIdTracking.IGNORED) {
      history.restart();
    }
  }

  public TokenIdTracking ids() {
    return ids;
  }

  public ResumeConstraints resumeConstraints() {
    return resumeConstraints;
  }

  /// Stores the stream's identity; only the first chunk's values count.
  public void identify(String id, String created, String model) {
    if (this.id.isEmpty()) {
      this.id = id;
      this.created = created;
      this.model = model;
    }
  }

  public boolean identified() {
    return !id.isEmpty();
  }

  /// An event with output is sent to the client.
  public void append(String more) {
    begun = true;
    legTokens++;
    if (!keepsText()) {
      return;
    }
    if (text.length() + more.length() > MAX_TEXT) {
      dropText();
      return;
    }
    text.append(more);
  }

  /// Without stop strings, token ids suffice and no text is needed.
  private boolean keepsText() {
    return fromText || (history.whole() && !resumeConstraints.stops().isEmpty());
  }

  private void dropText() {
    forbidText();
    if (!resumeConstraints.stops().isEmpty()) {
      history.markLost();
    }
  }

  /// Adds the token ids of an event that is sent to the client.
  public void learnIds(EventContent facts) {
    if (ids == TokenIdTracking.IGNORED) {
      return;
    }
    history.learn(facts);
    if (history.whole()) {
      promptTokens = history.prompt();
    }
  }

  /// The model ended its answer, with a token that has no text.
  public void stopped() {
    stopped = true;
  }

  /// The answer contains something that text alone cannot continue (a tool call, reasoning, log
  /// probabilities).
  public void forbid() {
    forbidText();
    history.markLost();
  }

  private void forbidText() {
    fromText = false;
    text.setLength(0);
    text.trimToSize();
  }

  /// The current leg's engine reported usage.
  public void counted(EventContent facts) {
    legOutputTokens = facts.outputTokens;
    legCountIsFinal = finished || facts.end == EventContent.End.FINISHED;
    promptCounted(facts.promptTokens);
  }

  /// Reads an event of an engine that is queried for the usage alone, after the complete answer. If
  /// the engine ends the answer again without counting a token for it, the token that ended the
  /// answer before is not counted either.
  public void countedAgain(EventContent facts) {
    stoppedAgain |= facts.stopped && !facts.token;
    if (!facts.usage) {
      return;
    }
    promptCounted(facts.promptTokens);
    if (stoppedAgain && facts.outputTokens == 0) {
      carriedTokens -= carriedStopTokens;
      carriedStopTokens = 0;
    }
  }

  /// The current leg's engine reported its prompt length, which includes the output of earlier
  /// legs.
  private void promptCounted(long prompt) {
    if (promptTokens < 0) {
      promptTokens = Math.max(0, prompt - carriedInPrompt);
    }
  }

  private int stopToken() {
    return stopped ? 1 : 0;
  }

  /// The engine's count includes tokens that it holds back because they could start a stop string;
  /// these are generated again after a cut.
  private long legOutput() {
    if (history.whole()) {
      return history.output() - carriedTokens;
    }
    if (legCountIsFinal) {
      return Math.max(legTokens, legOutputTokens);
    }
    long seen = legTokens + stopToken();
    boolean allShown = finished || resumeConstraints.stops().isEmpty();
    return allShown ? Math.max(seen, legOutputTokens) : seen;
  }

  /// Starts the next leg on another replica. That replica counts the earlier output as part of its
  /// prompt, except a token that ended the answer.
  public void resumed() {
    long output = legOutput();
    carriedTokens += output;
    carriedInPrompt += output - stopToken();
    carriedStopTokens = stopToken();
    legTokens = 0;
    legOutputTokens = -1;
    legCountIsFinal = false;
    stopped = false;
    resumes++;
  }

  /// Records an event that was just sent: it may end the answer or complete the usage.
  public void noteEnd(EventContent facts) {
    if (facts.end == EventContent.End.FINISHED) {
      finished = true;
    }
    boolean total = !facts.choice || !resumeConstraints.continuousUsage();
    if (facts.usage && finished && total) {
      usageSent = true;
    }
  }

  public void finish() {
    finished = true;
  }

  public void usageSent() {
    usageSent = true;
  }

  public boolean usageWasSent() {
    return usageSent;
  }

  public boolean finished() {
    return finished;
  }

  public int resumes() {
    return resumes;
  }

  public String id() {
    return id;
  }

  /// Seconds since the epoch as the engine reported them, may be empty.
  public String created() {
    return created;
  }

  public String model() {
    return model;
  }

  /// The answer so far; empty if it cannot be continued.
  public String text() {
    return text.toString();
  }

  /// Whether the client has received any output.
  private boolean begun() {
    return begun || finished;
  }

  public boolean continuable() {
    return (fromText || history.whole()) && begun();
  }

  /// Token ids of the current leg's output.
  public TokenIdList legIds() {
    return history.whole() ? history.outputFrom((int) carriedTokens) : new TokenIdList(0);
  }

  /// Whether the usage chunk was requested and not yet sent.
  public boolean owesUsage() {
    return resumeConstraints.includeUsage() && !usageSent;
  }

  /// Whether only the end mark is missing.
  public boolean isComplete() {
    return finished && !owesUsage();
  }

  /// Whether an engine reported the prompt's number of tokens.
  public boolean promptKnown() {
    return promptTokens >= 0;
  }

  /// Prompt tokens of the original request; 0 if no engine reported them.
  public long promptTokens() {
    return Math.max(0, promptTokens);
  }

  /// Output tokens over all legs.
  public long outputTokens() {
    return carriedTokens + legOutput();
  }

  public Continuation continuation() {
    long sent = outputTokens();
    boolean exhausted = resumeConstraints.maxTokens() >= 0 && sent >= resumeConstraints.maxTokens();
    Optional<TokenIdList> known = history.whole() ? Optional.of(history.all()) : Optional.empty();
    return new Continuation(known, fromText, text(), sent, finished || exhausted);
  }
}
