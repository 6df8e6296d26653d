// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import dev.weir.model.value.Problem;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Ends a call with a problem. Any step of a call may throw it.
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Clients do not wait longer.
  private static final long MAX_RETRY_SECONDS = 60;

  private final ProblemType type;
  private final transient List<Problem> errors;
  private final transient Map<String, Long> members;
  private final transient Map<String, String> headers;

  private ProblemException(
      ProblemType type,
      String detail,
      List<Problem> errors,
      Map<String, Long> members,
      Map<String, String> headers) {
    super(detail);
    this.type = type;
    this.errors = List.copyOf(errors);
    this.members = Map.copyOf(members);
    this.headers = Map.copyOf(headers);
  }

  /// @param type a permanent problem; see [#temporary] for temporary ones
  public static ProblemException of(ProblemType type, String detail) {
    if (type.hasRetryAfter()) {
      throw new IllegalArgumentException("a retry time is required: " + type);
    }
    return new ProblemException(type, detail, List.of(), Map.of(), Map.of());
  }

  /// A temporary problem.
  ///
  /// @param after when to try again; sent in whole seconds, 1 to 60
  public static ProblemException temporary(ProblemType type, String detail, Duration after) {
    long seconds = Math.clamp(Math.ceilDiv(after.toMillis(), 1_000), 1, MAX_RETRY_SECONDS);
    return new ProblemException(
        type, detail, List.of(), Map.of(), Map.of("Retry-After", Long.toString(seconds)));
  }

  /// A problem with one entry for each error.
  public static ProblemException of(ProblemType type, List<Problem> errors) {
    String detail =
        errors.size() == 1 ? errors.getFirst().toString() : errors.size() + " problems; see errors";
    return new ProblemException(type, detail, errors, Map.of(), Map.of());
  }

  /// Adds a number to the standard members, for example `currentRevision`.
  public ProblemException with(String member, long value) {
    return new ProblemException(type, detail(), errors, Map.of(member, value), headers);
  }

  public ProblemException withHeader(String name, String value) {
    return new ProblemException(type, detail(), errors, members, Map.of(name, value));
  }

  /// A failure of the store. The message contains no path; the log has the details.
  public static ProblemException of(StoreException failure, Duration after) {
    Trouble trouble = failure.trouble();
    ProblemType type =
        trouble == Trouble.FULL ? ProblemType.STORE_FULL : ProblemType.STORE_UNAVAILABLE;
    return temporary(type, "the store failed, nothing was changed: " + trouble.advice(), after);
  }

  public ProblemType type() {
    return type;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }

  List<Problem> errors() {
    return errors;
  }

  Map<String, Long> members() {
    return members;
  }

  public Map<String, String> headers() {
    return headers;
  }
}
