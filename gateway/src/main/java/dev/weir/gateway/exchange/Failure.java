// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.Telemetry.Outcome;
import java.util.Objects;
import java.util.OptionalLong;

/// What went wrong, with a message for the caller.
///
/// @param message one sentence, no secret, no internal address
/// @param code machine-readable; the kind's own unless somebody knows better
/// @param retryAfterNanos when it may be over; empty when nobody asked
public record Failure(Kind kind, String message, String code, OptionalLong retryAfterNanos) {
  public Failure {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(message);
    Objects.requireNonNull(code);
    Objects.requireNonNull(retryAfterNanos);
  }

  public Failure(Kind kind, String message) {
    this(kind, message, kind.code());
  }

  public Failure(Kind kind, String message, String code) {
    this(kind, message, code, OptionalLong.empty());
  }

  /// The same, to be tried again after so many nanoseconds.
  public Failure retryAfter(long nanos) {
    return new Failure(kind, message, code, OptionalLong.of(nanos));
  }

  /// Whose doing it was.
  public enum Attribution {
    CLIENT,
    GATEWAY,
    ENGINE
  }

  /// What is to be done about it.
  public enum Next {
    /// Another replica could still answer in time: ask it at once.
    RETRY_ELSEWHERE,
    /// Another replica may have room: ask it after a pause, and leave the one that said so alone.
    RETRY_AFTER,
    /// Nobody would answer otherwise.
    TELL_CLIENT,
    /// Nobody is left to be told.
    NOTHING
  }

  /// The table that breakers, retries, statistics, metrics and logs share: who caused the failure,
  /// how the attempt is classified, and what happens next.
  public enum Category {
    CLIENT(Attribution.CLIENT, Outcome.NEUTRAL, Next.TELL_CLIENT),
    CLIENT_LEFT(Attribution.CLIENT, Outcome.NEUTRAL, Next.NOTHING),
    GATEWAY(Attribution.GATEWAY, Outcome.NEUTRAL, Next.TELL_CLIENT),
    /// Nobody to ask. That is a failure of the version, so that one without replicas looks no
    /// better than one whose replicas fail.
    UNSERVED(Attribution.GATEWAY, Outcome.FAILURE, Next.TELL_CLIENT),
    ENGINE_FAILED(Attribution.ENGINE, Outcome.FAILURE, Next.RETRY_ELSEWHERE),
    ENGINE_FULL(Attribution.ENGINE, Outcome.BACKPRESSURE, Next.RETRY_AFTER),
    /// What another replica says could no longer come in time.
    ENGINE_TOO_LATE(Attribution.ENGINE, Outcome.FAILURE, Next.TELL_CLIENT);

    private final Attribution attribution;
    private final Outcome outcome;
    private final Next next;

    Category(Attribution attribution, Outcome outcome, Next next) {
      this.attribution = attribution;
      this.outcome = outcome;
      this.next = next;
    }

    public Attribution attribution() {
      return attribution;
    }

    public Outcome outcome() {
      return outcome;
    }

    public Next next() {
      return next;
    }
  }

  /// Every way a request can fail: a name, a category and the message to the client.
  public enum Kind {
    BAD_REQUEST(Category.CLIENT, 400, "invalid_request_error", "invalid_request"),
    UNAUTHENTICATED(Category.CLIENT, 401, "authentication_error", "invalid_api_key"),
    FORBIDDEN(Category.CLIENT, 403, "permission_error", "forbidden"),
    UNKNOWN_MODEL(Category.CLIENT, 404, "not_found_error", "model_not_found"),
    UNKNOWN_PATH(Category.CLIENT, 404, "not_found_error", "unknown_url"),
    WRONG_METHOD(Category.CLIENT, 405, "invalid_request_error", "method_not_allowed"),
    SLOW_UPLOAD(Category.CLIENT, 408, "invalid_request_error", "request_timeout"),
    BODY_TOO_LARGE(Category.CLIENT, 413, "invalid_request_error", "request_too_large"),
    URI_TOO_LONG(Category.CLIENT, 414, "invalid_request_error", "uri_too_long"),
    EXPECTATION_FAILED(Category.CLIENT, 417, "invalid_request_error", "expectation_failed"),
    HEADERS_TOO_LARGE(Category.CLIENT, 431, "invalid_request_error", "headers_too_large"),
    UNKNOWN_VERSION(Category.CLIENT, 505, "invalid_request_error", "http_version_not_supported"),
    /// A limit of the key, the tenant or the service is reached.
    RATE_LIMITED(Category.CLIENT, 429, "rate_limit_error", "rate_limit_exceeded"),
    /// The client closed its connection.
    CLIENT_GONE(Category.CLIENT_LEFT, 499, "client_closed", "client_closed"),
    /// The deadline that the client itself set has passed.
    CLIENT_DEADLINE(Category.CLIENT, 504, "timeout_error", "client_deadline"),
    /// The client read so slowly that the total deadline passed.
    CLIENT_SLOW(Category.CLIENT, 504, "timeout_error", "client_too_slow"),
    /// An answer of the engine that blames the request (4xx other than 429).
    REJECTED_BY_ENGINE(Category.CLIENT, 400, "invalid_request_error", "rejected"),
    /// The engine says that the request has more tokens than its model takes.
    CONTEXT_TOO_LONG(Category.CLIENT, 400, "invalid_request_error", "context_length_exceeded"),

    INTERNAL(Category.GATEWAY, 500, "api_error", "internal_error"),
    /// The engine does not know how to do what this gateway added to a request, such as to continue
    /// a stream: neither the client's mistake nor a sign of a sick replica.
    UNSUPPORTED_BY_ENGINE(Category.GATEWAY, 502, "upstream_error", "unsupported_by_engine"),
    /// The engine refused to continue this one stream; it may continue others.
    CONTINUATION_REFUSED(Category.GATEWAY, 502, "upstream_error", "continuation_refused"),
    NOT_READY(Category.GATEWAY, 503, "service_unavailable", "not_ready"),
    NO_REPLICA(Category.UNSERVED, 503, "service_unavailable", "no_replica"),
    /// The service has reached its limit of requests in flight.
    SERVICE_FULL(Category.GATEWAY, 503, "service_unavailable", "service_full"),
    /// The service runs all it can, and this request would have to wait too long.
    OVERLOADED(Category.GATEWAY, 503, "service_unavailable", "overloaded"),
    /// The bodies of all requests that are not answered yet take as much memory as they may.
    MEMORY_FULL(Category.GATEWAY, 503, "service_unavailable", "memory_full"),
    TOO_MANY_CONNECTIONS(Category.GATEWAY, 503, "service_unavailable", "too_many_connections"),

    /// The event loops are short of CPU: the request was not read.
    GATEWAY_OVERLOADED(Category.GATEWAY, 503, "service_unavailable", "gateway_overloaded"),
    /// The deadline passed in the gateway: before an engine was called, or before its answer was
    /// read by an event loop that is late.
    DEADLINE_PASSED(Category.GATEWAY, 504, "timeout_error", "deadline_passed"),

    CONNECT_FAILED(Category.ENGINE_FAILED, 502, "upstream_error", "connect_failed"),
    CONNECT_TIMEOUT(Category.ENGINE_FAILED, 504, "timeout_error", "connect_timeout"),
    /// The connection broke before the first byte of an answer.
    RESET(Category.ENGINE_FAILED, 502, "upstream_error", "upstream_reset"),
    /// Not HTTP, or not an answer a client could use.
    BAD_ANSWER(Category.ENGINE_FAILED, 502, "upstream_error", "bad_upstream_answer"),
    SERVER_ERROR(Category.ENGINE_FAILED, 502, "upstream_error", "upstream_error"),
    /// The engine said it is full: 429 or 503.
    BACKPRESSURE(Category.ENGINE_FULL, 503, "service_unavailable", "server_is_overloaded"),
    FIRST_TOKEN_TIMEOUT(Category.ENGINE_FAILED, 504, "timeout_error", "first_token_timeout"),
    /// An answer that comes whole took longer than nearly all answers of its service.
    NO_ANSWER(Category.ENGINE_FAILED, 504, "timeout_error", "no_answer"),
    STALLED(Category.ENGINE_FAILED, 504, "timeout_error", "stalled"),
    TOTAL_TIMEOUT(Category.ENGINE_TOO_LATE, 504, "timeout_error", "total_timeout"),
    /// The answer stopped in its middle, or ended without a legal finish reason.
    CUT(Category.ENGINE_FAILED, 502, "upstream_error", "stream_cut"),
    /// The stream carried the engine's own error.
    ERROR_IN_STREAM(Category.ENGINE_FAILED, 502, "upstream_error", "stream_error");

    private final Category category;
    private final int status;
    private final String type;
    private final String code;

    Kind(Category category, int status, String type, String code) {
      this.category = category;
      this.status = status;
      this.type = type;
      this.code = code;
    }

    public Attribution attribution() {
      return category.attribution();
    }

    /// The status of an answer that the gateway makes itself.
    public int status() {
      return status;
    }

    /// Whether clients are told when to come back.
    public boolean hasRetryAfter() {
      return status == 429 || status == 503;
    }

    /// `error.type` in OpenAI's shape.
    public String type() {
      return type;
    }

    /// `error.code` in OpenAI's shape; stable, so that programs can branch on it.
    public String code() {
      return code;
    }

    /// The class that an attempt is put in that ended so.
    public Outcome outcome() {
      return category.outcome();
    }

    public Next next() {
      return category.next();
    }

    /// Whether no connection to the replica came about.
    public boolean unreachable() {
      return this == CONNECT_FAILED || this == CONNECT_TIMEOUT;
    }

    /// Whether the engine refused what this gateway added to a request, and nothing else failed.
    public boolean refusesAddition() {
      return this == UNSUPPORTED_BY_ENGINE || this == CONTINUATION_REFUSED;
    }

    /// Whether another replica may be asked.
    public boolean retryable() {
      return next() == Next.RETRY_ELSEWHERE || next() == Next.RETRY_AFTER;
    }
  }
}
