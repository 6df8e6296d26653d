// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.Optional;

/// What one client has received so far in one stream, over all attempts: enough for another replica
/// to resume the answer. Event loop only.
///
/// Where no engine said what it counted, an event that carries output counts as one token, and so
/// does an end that the model chose itself. Some engines do not count the token that ends an
/// answer; what an engine says at the end of its answer is therefore believed as it is.
public final class Transcript {
  /// Above so many characters a stream is no longer kept for continuation.
  public static final int MAX_TEXT = 256 * 1024;

  private final ResumeConstraints resumeConstraints;
  private final TokenIdTracking ids;
  private final StringBuilder text = new StringBuilder();
  private final TokenHistory trail = new TokenHistory();
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

  /// @param fromText whether service, caller and request allow to continue from the text
  public Transcript(boolean fromText, ResumeConstraints resumeConstraints) {
    this(fromText, TokenIdTracking.IGNORED, resumeConstraints);
  }

  /// @param fromText whether service, caller and request allow to continue from the text
  /// @param ids other than ignored where they allow to continue from token ids
  public Transcript(boolean fromText, TokenIdTracking ids, ResumeConstraints resumeConstraints) {
    this.fromText = fromText;
    this.ids = ids;
    this.resumeConstraints = resumeConstraints;
    if (ids == TokenIdTracking.IGNORED) {
      trail.markLost();
    }
  }

  /// Another attempt begins where the client has seen nothing of those before.
  public void restart() {
    id = "";
    promptTokens = -1;
    legOutputTokens = -1;
    legCountIsFinal = false;
    if (ids != TokenIdTracking.IGNORED) {
      trail.restart();
    }
  }

  public TokenIdTracking ids() {
    return ids;
  }

  public ResumeConstraints resumeConstraints() {
    return resumeConstraints;
  }

  /// Keeps what identifies the stream; only the first chunk's values count.
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

  /// A token-bearing event is being sent to the client.
  public void append(String more) {
    begun = true;
    legTokens++;
    if (!keepsText()) {
      return;
    }
    if (text.length() + more.length() > MAX_TEXT) {
      tooMuchText();
      return;
    }
    text.append(more);
  }

  /// Without stop strings token ids need no text beside them.
  private boolean keepsText() {
    return fromText || (trail.whole() && !resumeConstraints.stops().isEmpty());
  }

  private void tooMuchText() {
    forbidText();
    if (!resumeConstraints.stops().isEmpty()) {
      trail.markLost();
    }
  }

  /// The token ids of an event that is being sent to the client.
  public void learnIds(EventContent facts) {
    if (ids == TokenIdTracking.IGNORED) {
      return;
    }
    trail.learn(facts);
    if (trail.whole()) {
      promptTokens = trail.prompt();
    }
  }

  /// The model ended its answer, with a token that has no text.
  public void stopped() {
    stopped = true;
  }

  /// Something was said that text alone cannot continue (a tool call, reasoning, log
  /// probabilities).
  public void forbid() {
    forbidText();
    trail.markLost();
  }

  private void forbidText() {
    fromText = false;
    text.setLength(0);
    text.trimToSize();
  }

  /// The current leg's engine said what it counted.
  public void counted(EventContent facts) {
    legOutputTokens = facts.outputTokens;
    legCountIsFinal = finished || facts.end == EventContent.End.FINISHED;
    countedPrompt(facts.promptTokens);
  }

  /// An event of an engine that is asked for the counts alone, after the whole answer. Where it
  /// ends the answer once more and counts no token for that, the token that ended the answer before
  /// is not to be counted either.
  public void countedAgain(EventContent facts) {
    stoppedAgain |= facts.stopped && !facts.token;
    if (!facts.usage) {
      return;
    }
    countedPrompt(facts.promptTokens);
    if (stoppedAgain && facts.outputTokens == 0) {
      carriedTokens -= carriedStopTokens;
      carriedStopTokens = 0;
    }
  }

  /// The current leg's engine said how long its prompt was, which holds what was said in legs
  /// before.
  private void countedPrompt(long prompt) {
    if (promptTokens < 0) {
      promptTokens = Math.max(0, prompt - carriedInPrompt);
    }
  }

  private int stopToken() {
    return stopped ? 1 : 0;
  }

  /// What the engine counted includes tokens that it keeps to itself while they could become a stop
  /// string; these are said again after a cut.
  private long legOutput() {
    if (trail.whole()) {
      return trail.output() - carriedTokens;
    }
    if (legCountIsFinal) {
      return Math.max(legTokens, legOutputTokens);
    }
    long seen = legTokens + stopToken();
    boolean allShown = finished || resumeConstraints.stops().isEmpty();
    return allShown ? Math.max(seen, legOutputTokens) : seen;
  }

  /// Starts the next leg: another replica speaks on. It takes what was said for a part of its
  /// prompt, but for a token that ended the answer.
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

  /// The event that has just gone to the client may be the last of the answer, or the last that is
  /// owed.
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

  /// Seconds since the epoch as the engine wrote them, may be empty.
  public String created() {
    return created;
  }

  public String model() {
    return model;
  }

  /// The answer so far; empty when it cannot be continued.
  public String text() {
    return text.toString();
  }

  /// Whether anything that a client could see has been said.
  private boolean begun() {
    return begun || finished;
  }

  public boolean continuable() {
    return (fromText || trail.whole()) && begun();
  }

  /// The ids of what the current leg said.
  public TokenIdList legIds() {
    return trail.whole() ? trail.outputFrom((int) carriedTokens) : new TokenIdList(0);
  }

  /// The chunk with the counts has been asked for and not been sent.
  public boolean owesUsage() {
    return resumeConstraints.includeUsage() && !usageSent;
  }

  /// Nothing is owed but the end mark.
  public boolean isComplete() {
    return finished && !owesUsage();
  }

  /// Whether an engine said how many tokens the prompt has.
  public boolean promptKnown() {
    return promptTokens >= 0;
  }

  /// Prompt tokens of the original request; 0 when no engine said.
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
    Optional<TokenIdList> known = trail.whole() ? Optional.of(trail.all()) : Optional.empty();
    return new Continuation(known, fromText, text(), sent, finished || exhausted);
  }
}
