// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.ArrayList;
import java.util.List;

/// What was found in one server-sent event. Reused for every event of a stream, so that reading
/// costs no garbage. Event loop only.
public final class EventContent {
  /// Where the answer stands after an event.
  public enum End {
    NONE,
    /// A legal finish reason: the answer is whole.
    FINISHED,
    /// The engine gave up (`finish_reason` `abort` or `error`).
    ABORTED,
    /// The mark after which nothing comes (`[DONE]`, `message_stop`).
    DONE,
    /// The event is an error.
    ERROR,
    /// Nothing that an engine of this family says.
    GARBAGE
  }

  /// A part of a tool call.
  ///
  /// @param name of the tool, empty where this event does not tell it
  /// @param arguments as far as this event has them, may be empty
  public record Call(int index, String name, String arguments) {}

  public End end = End.NONE;

  /// Carries output that a reader would see.
  public boolean token;

  /// The output as plain text, empty for other kinds of output.
  public String text = "";

  /// Carries something that was asked for, of any choice: text other than white space, a tool call,
  /// a refusal. Reasoning is none of it.
  public boolean shown;

  /// The answer ended where it had as many tokens as it may have.
  public boolean limited;

  /// Says the role and nothing else.
  public boolean roleOnly;

  /// Carries something that text alone cannot continue.
  public boolean beyondText;

  /// Carries a part of an answer, however empty.
  public boolean choice;

  /// The answer ended where the model or a stop string ended it, which took a token as well.
  public boolean stopped;

  /// Carries token counts.
  public boolean usage;

  public long promptTokens;
  public long outputTokens;

  /// Status inside an error event, 0 when it has none.
  public int errorStatus;

  /// Whether token ids are to be read; stays from event to event.
  public boolean followIds;

  /// Names token ids, be there any or not.
  public boolean namesIds;

  /// Ids of the prompt's tokens, empty where they are not told.
  public final TokenIdList promptIds = new TokenIdList(TokenHistory.MAX_IDS);

  /// Ids of the output's tokens, empty where they are not told.
  public final TokenIdList tokenIds = new TokenIdList(TokenHistory.MAX_IDS);

  /// Belongs to another choice than the first.
  public boolean otherChoice;

  /// The engine itself says that it refuses.
  public boolean refused;

  /// Whether the names and arguments of tool calls are to be read; stays from event to event.
  public boolean followCalls;

  /// Parts of tool calls, where they are followed.
  public final List<Call> calls = new ArrayList<>(0);

  public String id = "";
  public String created = "";
  public String model = "";

  /// Forgets the event before.
  public void clear() {
    end = End.NONE;
    token = false;
    text = "";
    shown = false;
    limited = false;
    roleOnly = false;
    beyondText = false;
    choice = false;
    stopped = false;
    usage = false;
    promptTokens = 0;
    outputTokens = 0;
    errorStatus = 0;
    namesIds = false;
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
