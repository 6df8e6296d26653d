// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import dev.weir.control.access.AuthenticatedCaller;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.pipeline.Author;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// One call that is authenticated, authorised and completely read.
///
/// @param path the values of the template's parameters
/// @param query the declared query parameters of the call
/// @param headers the request headers that handlers may read, names in lower case
/// @param warnings collects what the response warns the caller of
@SuppressWarnings("ArrayRecordComponent")
public // never compared, never changed
record ApiCall(
    AuthenticatedCaller caller,
    Map<String, String> path,
    Map<String, String> query,
    Map<String, String> headers,
    byte[] body,
    String requestId,
    String sourceAddress,
    CallWarnings warnings) {
  public static final String IF_MATCH = "if-match";
  public static final String IF_NONE_MATCH = "if-none-match";
  public static final String IDEMPOTENCY_KEY = "idempotency-key";
  public static final String LAST_EVENT_ID = "last-event-id";
  public static final String REASON = "x-weir-reason";

  /// The headers that handlers read; all others are dropped.
  public static final Set<String> HEADERS =
      Set.of(IF_MATCH, IF_NONE_MATCH, IDEMPOTENCY_KEY, LAST_EVENT_ID, REASON);

  private static final int MAX_SHOWN = 100;

  public ApiCall {
    path = Map.copyOf(path);
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
  }

  public String namespace() {
    return path.getOrDefault("namespace", "");
  }

  public String name() {
    return path.getOrDefault("name", "");
  }

  public ResourceRef ref(Kind kind) {
    return ResourceRef.of(kind, namespace(), name());
  }

  public Actor actor() {
    return new Actor(caller.principal(), sourceAddress, requestId);
  }

  /// The author of a write.
  public Author author() {
    return new Author(caller, sourceAddress, requestId, givenReason());
  }

  /// The reason that the caller gave; empty when it gave none.
  ///
  /// @throws ProblemException when it is too long
  public String reason() {
    String reason = givenReason();
    if (reason.length() > Author.MAX_REASON) {
      throw WriteProblems.of(Author.REASON_TOO_LONG);
    }
    return reason;
  }

  private String givenReason() {
    return query.getOrDefault("reason", headers.getOrDefault(REASON, ""));
  }

  public boolean flag(String name) {
    return switch (query.getOrDefault(name, "false")) {
      case "true", "" -> true;
      case "false" -> false;
      case String other ->
          throw ProblemException.of(
              ProblemType.MALFORMED, name + " must be true or false, not " + shown(other));
    };
  }

  /// A whole number of 0 or more.
  public OptionalLong number(String name) {
    return number(name, 0, Long.MAX_VALUE);
  }

  /// A whole number within bounds, both inclusive.
  public OptionalLong number(String name, long min, long max) {
    Optional<String> given = Optional.ofNullable(query.get(name));
    return given.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(number(name, given.get(), min, max));
  }

  /// Parses a whole number of 0 or more from client input.
  public static long number(String name, String text) {
    return number(name, text, 0, Long.MAX_VALUE);
  }

  private static long number(String name, String text, long min, long max) {
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException _) {
      // reported below
    }
    String range = max == Long.MAX_VALUE ? "of " + min + " or more" : "from " + min + " to " + max;
    throw ProblemException.of(
        ProblemType.MALFORMED, name + " must be a whole number " + range + ", not " + shown(text));
  }

  /// Client input, truncated for a message.
  public static String shown(String text) {
    return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text;
  }

  /// The parameter `limit`, from 1 to `max`; `max` if it is absent.
  public int limit(int max) {
    return (int) number("limit", 1, max).orElse(max);
  }
}
