// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import java.util.ArrayList;
import java.util.List;

/// The contents of one server-sent event. The instance is reused for every event of a stream to
/// avoid garbage. Event loop only.
public final class EventContent {
  /// The state of the answer after an event.
  public enum End {
    NONE,
    /// A valid finish reason: the answer is complete.
    FINISHED,
    /// The engine aborted the answer (`finish_reason` `abort` or `error`).
    ABORTED,
    /// The end mark of the stream (`[DONE]`, `message_stop`).
    DONE,
    /// The event is an error.
    ERROR,
    /// Data that no engine of this family sends.
    GARBAGE
  }

  /// A part of a tool call.
  ///
  /// @param name of the tool, empty if this event does not contain it
  /// @param arguments in this event, may be empty
  public record Call(int index, String name, String arguments) {}

  public End end = End.NONE;

  /// Contains visible output.
  public boolean token;

  /// Output as plain text, empty for other kinds of output.
  public String text = "";

  /// Contains requested content in any choice: text other than white space, a tool call, or a
  /// refusal. Reasoning does not count.
  public boolean shown;

  /// The answer ended at its token limit.
  public boolean limited;

  /// Contains only the role.
  public boolean roleOnly;

  /// Contains output that text alone cannot continue.
  public boolean notContinuableFromText;

  /// Contains a part of an answer, even if empty.
  public boolean choice;

  /// The model or a stop string ended the answer, which took a token as well.
  public boolean stopped;

  /// Contains token counts.
  public boolean usage;

  public long promptTokens;
  public long outputTokens;

  /// Status inside an error event, 0 if there is none.
  public int errorStatus;

  /// Whether to read token ids; not cleared between events.
  public boolean followIds;

  /// Contains a field of token ids, even if empty.
  public boolean hasTokenIdFields;

  /// Token ids of the prompt, empty if not reported.
  public final TokenIdList promptIds = new TokenIdList(TokenHistory.MAX_IDS);

  /// Token ids of the output, empty if not reported.
  public final TokenIdList tokenIds = new TokenIdList(TokenHistory.MAX_IDS);

  /// Belongs to a choice other than the first.
  public boolean otherChoice;

  /// The engine itself reports a refusal.
  public boolean refused;

  /// Whether to read names and arguments of tool calls; not cleared between events.
  public boolean followCalls;

  /// Parts of tool calls, if they are read.
  public final List<Call> calls = new ArrayList<>(0);

  public String id = "";
  public String created = "";
  public String model = "";

  /// Clears the contents of the previous event.
  public void clear() {
    end = End.NONE;
    token = false;
    text = "";
    shown = false;
    limited = false;
    roleOnly = false;
    notContinuableFromText = false;
    choice = false;
    stopped = false;
    usage = false;
    promptTokens = 0;
    outputTokens = 0;
    errorStatus = 0;
    hasTokenIdFields = false;
    promptIds.clear();
    tokenIds.clear();
    otherChoice = false;
    refused = false;
    calls.clear();
    id = "";
    created = "";
    model = "";
  }
}
