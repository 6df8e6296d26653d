// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import dev.weir.trials.protocol.RawClient.Reply;
import java.util.EnumSet;
import java.util.Set;

/// One way in which an engine misbehaves and what the client may see of it.
///
/// @param streamed the client asks for events
/// @param body of the client's request
/// @param alone no request follows until the engine had time to say more
record EngineCase(
    String name,
    boolean streamed,
    String body,
    boolean alone,
    HostileEngine.Attack attack,
    Set<Outcome> right) {

  /// The outcome of a request for its client.
  enum Outcome {
    /// The engine's whole answer, this request's own.
    OWN,
    /// A status that is the engine's and no answer of a model.
    PASSED,
    /// 200 with a body that is the engine's and no answer of a model.
    EMPTY,
    /// A well-formed error of the gateway's: 502, 503 or 504.
    FAILED,
    /// All events, this request's own, and their end.
    EVENTS,
    /// Events, then an error and no end.
    BROKEN,
    /// The connection was closed in the middle of an answer.
    CUT,
    /// Anything else.
    WRONG
  }

  static EngineCase whole(String name, HostileEngine.Attack attack, Outcome... right) {
    return new EngineCase(name, false, Asking.BODY, false, attack, EnumSet.of(right[0], right));
  }

  static EngineCase events(String name, HostileEngine.Attack attack, Outcome... right) {
    return new EngineCase(
        name, true, Asking.streamed(), false, attack, EnumSet.of(right[0], right));
  }

  EngineCase asking(String otherBody) {
    return new EngineCase(name, streamed, otherBody, alone, attack, right);
  }

  EngineCase withNothingBehind() {
    return new EngineCase(name, streamed, body, true, attack, right);
  }

  Outcome outcome(Reply reply, String nonce) {
    if (reply.header("x-weir-planted").equals("yes") || reply.headers().containsKey("location")) {
      return Outcome.WRONG;
    }
    return switch (reply.status()) {
      case 0 -> Outcome.CUT;
      case 200 -> succeeded(reply, nonce);
      case 502, 503, 504 ->
          reply.body().startsWith("{\"error\":{\"message\":\"") ? Outcome.FAILED : Outcome.WRONG;
      default -> reply.status() / 100 == 3 ? Outcome.WRONG : Outcome.PASSED;
    };
  }

  private static Outcome succeeded(Reply reply, String nonce) {
    String body = reply.body();
    if (!body.contains(nonce)) {
      return body.length() < 3 ? Outcome.EMPTY : Outcome.WRONG;
    }
    if (!reply.header("content-type").startsWith("text/event-stream")) {
      return Outcome.OWN;
    }
    if (body.strip().endsWith("data: [DONE]") || body.contains("\"stop\"")) {
      return body.contains("\"error\":") ? Outcome.WRONG : Outcome.EVENTS;
    }
    return body.contains("\"error\":") ? Outcome.BROKEN : Outcome.WRONG;
  }
}
