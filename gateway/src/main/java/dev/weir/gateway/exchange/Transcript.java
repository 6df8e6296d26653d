// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// What one client has been told so far in one stream, over all attempts: enough to let another
/// replica speak on with the same voice. Event loop only.
public final class Transcript {
  /// Above so many characters a stream is no longer kept for continuation.
  public static final int MAX_TEXT = 256 * 1024;

  private final boolean includeUsage;
  private final long maxTokens;
  private final StringBuilder text = new StringBuilder();
  private boolean continuable;
  private String id = "";
  private String created = "";
  private String model = "";
  private long tokens;
  private long promptTokens = -1;
  private long legTokens;
  private long legOutputTokens = -1;
  private long carriedTokens;
  private boolean finished;
  private boolean usageSent;
  private int resumes;

  /// @param continuable what service, caller and request allow
  /// @param maxTokens as asked, -1 for no limit
  public Transcript(boolean continuable, boolean includeUsage, long maxTokens) {
    this.continuable = continuable;
    this.includeUsage = includeUsage;
    this.maxTokens = maxTokens;
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

  /// A token-bearing event is on its way to the client.
  public void said(String more) {
    tokens++;
    legTokens++;
    if (!continuable) {
      return;
    }
    if (text.length() + more.length() > MAX_TEXT) {
      forbid();
      return;
    }
    text.append(more);
  }

  /// Something was said that text alone cannot continue (a tool call, reasoning, log
  /// probabilities).
  public void forbid() {
    continuable = false;
    text.setLength(0);
    text.trimToSize();
  }

  /// The current leg's engine said what it counted.
  public void counted(long prompt, long output) {
    legOutputTokens = output;
    if (resumes == 0) {
      promptTokens = prompt;
    } else if (promptTokens < 0) {
      promptTokens = Math.max(0, prompt - carriedTokens);
    }
  }

  /// Starts the next leg: another replica speaks on.
  public void resumed() {
    carriedTokens += Math.max(legTokens, legOutputTokens);
    legTokens = 0;
    legOutputTokens = -1;
    resumes++;
  }

  public void finish() {
    finished = true;
  }

  public void usageSent() {
    usageSent = true;
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

  /// Whether anything that a client could see has been said.
  public boolean begun() {
    return tokens > 0 || finished;
  }

  public boolean continuable() {
    return continuable && begun();
  }

  /// Nothing is owed but the end mark.
  public boolean saidAll() {
    return finished && (!includeUsage || usageSent);
  }

  /// Prompt tokens of the original request; 0 when no engine said.
  public long promptTokens() {
    return Math.max(0, promptTokens);
  }

  /// Output tokens over all legs.
  public long outputTokens() {
    return carriedTokens + Math.max(legTokens, legOutputTokens);
  }

  /// Output tokens to report when the last leg only delivered the counts.
  public long carriedTokens() {
    return carriedTokens;
  }

  public Continuation continuation() {
    long sent = outputTokens();
    boolean exhausted = maxTokens >= 0 && sent >= maxTokens;
    return new Continuation(text.toString(), sent, finished || exhausted);
  }

  public boolean includeUsage() {
    return includeUsage;
  }
}
