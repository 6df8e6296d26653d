// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Caller;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.model.Kind;
import dev.weir.model.ResourceRef;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// One call that was authenticated, authorised and read whole.
///
/// @param path the values of the template's parameters
/// @param query the declared query parameters that were given
/// @param headers the request headers that handlers may ask for, names in lower case
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record Call(
    Caller caller,
    Map<String, String> path,
    Map<String, String> query,
    Map<String, String> headers,
    byte[] body,
    String requestId,
    String sourceAddress) {
  static final String IF_MATCH = "if-match";
  static final String IF_NONE_MATCH = "if-none-match";
  static final String IDEMPOTENCY_KEY = "idempotency-key";
  static final String LAST_EVENT_ID = "last-event-id";
  static final String REASON = "x-weir-reason";

  /// The headers that handlers read; no other gets here.
  static final Set<String> HEADERS =
      Set.of(IF_MATCH, IF_NONE_MATCH, IDEMPOTENCY_KEY, LAST_EVENT_ID, REASON);

  private static final int MAX_REASON = 1_000;

  Call {
    path = Map.copyOf(path);
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
  }

  String namespace() {
    return path.getOrDefault("namespace", "");
  }

  String name() {
    return path.getOrDefault("name", "");
  }

  ResourceRef ref(Kind kind) {
    return ResourceRef.of(kind, namespace(), name());
  }

  Actor actor() {
    return new Actor(caller.principal(), sourceAddress, requestId);
  }

  /// Why, in the caller's words; empty when they gave none.
  String reason() {
    String reason = query.getOrDefault("reason", headers.getOrDefault(REASON, ""));
    if (reason.length() > MAX_REASON) {
      throw ProblemException.of(
          ProblemType.MALFORMED, "a reason has at most " + MAX_REASON + " characters");
    }
    return reason;
  }

  boolean flag(String name) {
    return switch (query.getOrDefault(name, "false")) {
      case "true", "" -> true;
      case "false" -> false;
      case String other ->
          throw ProblemException.of(
              ProblemType.MALFORMED, "?" + name + "= is true or false, not " + other);
    };
  }

  OptionalLong number(String name) {
    Optional<String> given = Optional.ofNullable(query.get(name));
    return given.isEmpty() ? OptionalLong.empty() : OptionalLong.of(number(name, given.get()));
  }

  /// A whole number of 0 or more that a client wrote.
  static long number(String name, String text) {
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException _) {
      // answered below
    }
    throw ProblemException.of(
        ProblemType.MALFORMED, name + " is a whole number of 0 or more, not " + text);
  }

  /// `limit`, at most `most`; `most` when it was not given.
  int limit(int most) {
    long limit = number("limit").orElse(most);
    if (limit < 1 || limit > most) {
      throw ProblemException.of(
          ProblemType.MALFORMED, "limit is from 1 to " + most + ", not " + limit);
    }
    return (int) limit;
  }
}
