// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.Telemetry.Outcome;
import java.util.Objects;
import java.util.OptionalLong;

/// A failure, with a message for the client.
///
/// @param message one sentence, without secrets and internal addresses
/// @param code machine-readable; the kind's own unless a more specific one is known
/// @param retryAfterNanos after which a retry may succeed; empty if unknown
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

  /// Same failure, with a time after which a retry may succeed.
  public Failure retryAfter(long nanos) {
    return new Failure(kind, message, code, OptionalLong.of(nanos));
  }

  /// The party responsible for the failure.
  public enum Attribution {
    CLIENT,
    GATEWAY,
    ENGINE
  }

  /// What the gateway does next.
  public enum Next {
    /// Another replica may still answer in time: retry it at once.
    RETRY_ELSEWHERE,
    /// Another replica may have capacity: retry it after a pause, and avoid the full one.
    RETRY_AFTER,
    /// A retry would not help; answer the client.
    TELL_CLIENT,
    /// The client has disconnected; there is no one to answer.
    NOTHING
  }

  /// The classification shared by breakers, retries, statistics, metrics and logs: the responsible
  /// party, the outcome of the attempt, and the next step.
  public enum Category {
    CLIENT(Attribution.CLIENT, Outcome.NEUTRAL, Next.TELL_CLIENT),
    CLIENT_LEFT(Attribution.CLIENT, Outcome.NEUTRAL, Next.NOTHING),
    GATEWAY(Attribution.GATEWAY, Outcome.NEUTRAL, Next.TELL_CLIENT),
    /// No replica is available. This counts as a failure of the version, so that a version without
    /// replicas does not look better than one with failing replicas.
    UNSERVED(Attribution.GATEWAY, Outcome.FAILURE, Next.TELL_CLIENT),
    ENGINE_FAILED(Attribution.ENGINE, Outcome.FAILURE, Next.RETRY_ELSEWHERE),
    ENGINE_FULL(Attribution.ENGINE, Outcome.BACKPRESSURE, Next.RETRY_AFTER),
    /// Another replica could no longer answer in time.
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

  /// Every kind of failure, with its category, status and error type.
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
    /// The deadline set by the client passed.
    CLIENT_DEADLINE(Category.CLIENT, 504, "timeout_error", "client_deadline"),
    /// The client read so slowly that the total deadline passed.
    CLIENT_SLOW(Category.CLIENT, 504, "timeout_error", "client_too_slow"),
    /// The engine rejected the request (4xx other than 429).
    REJECTED_BY_ENGINE(Category.CLIENT, 400, "invalid_request_error", "rejected"),
    /// The engine reports that the request exceeds the model's context.
    CONTEXT_TOO_LONG(Category.CLIENT, 400, "invalid_request_error", "context_length_exceeded"),

    INTERNAL(Category.GATEWAY, 500, "api_error", "internal_error"),
    /// The engine does not support what this gateway added to a request, such as a continuation.
    /// Neither the client nor the replica's health is to blame.
    UNSUPPORTED_BY_ENGINE(Category.GATEWAY, 502, "upstream_error", "unsupported_by_engine"),
    /// The engine rejected the continuation of this stream; it may continue others.
    CONTINUATION_REFUSED(Category.GATEWAY, 502, "upstream_error", "continuation_refused"),
    NOT_READY(Category.GATEWAY, 503, "service_unavailable", "not_ready"),
    NO_REPLICA(Category.UNSERVED, 503, "service_unavailable", "no_replica"),
    /// The service has reached its limit of requests in flight.
    SERVICE_FULL(Category.GATEWAY, 503, "service_unavailable", "service_full"),
    /// The service is at capacity, and this request would have to wait too long.
    OVERLOADED(Category.GATEWAY, 503, "service_unavailable", "overloaded"),
    /// The bodies of all unanswered requests use the memory reserved for them.
    MEMORY_FULL(Category.GATEWAY, 503, "service_unavailable", "memory_full"),
    TOO_MANY_CONNECTIONS(Category.GATEWAY, 503, "service_unavailable", "too_many_connections"),

    /// The event loops are short of CPU, and the request was not read.
    GATEWAY_OVERLOADED(Category.GATEWAY, 503, "service_unavailable", "gateway_overloaded"),
    /// The deadline passed in the gateway: before an engine was called, or before a delayed event
    /// loop read its answer.
    DEADLINE_PASSED(Category.GATEWAY, 504, "timeout_error", "deadline_passed"),

    CONNECT_FAILED(Category.ENGINE_FAILED, 502, "upstream_error", "connect_failed"),
    CONNECT_TIMEOUT(Category.ENGINE_FAILED, 504, "timeout_error", "connect_timeout"),
    /// The connection broke before the first byte of the answer.
    RESET(Category.ENGINE_FAILED, 502, "upstream_error", "upstream_reset"),
    /// The response is not HTTP, or is unusable for a client.
    BAD_ANSWER(Category.ENGINE_FAILED, 502, "upstream_error", "bad_upstream_answer"),
    SERVER_ERROR(Category.ENGINE_FAILED, 502, "upstream_error", "upstream_error"),
    /// The engine reports that it is full: 429 or 503.
    BACKPRESSURE(Category.ENGINE_FULL, 503, "service_unavailable", "server_is_overloaded"),
    FIRST_TOKEN_TIMEOUT(Category.ENGINE_FAILED, 504, "timeout_error", "first_token_timeout"),
    /// A non-streamed answer took longer than nearly all answers of its service.
    NO_ANSWER(Category.ENGINE_FAILED, 504, "timeout_error", "no_answer"),
    STALLED(Category.ENGINE_FAILED, 504, "timeout_error", "stalled"),
    TOTAL_TIMEOUT(Category.ENGINE_TOO_LATE, 504, "timeout_error", "total_timeout"),
    /// The answer stopped midway, or ended without a valid finish reason.
    CUT(Category.ENGINE_FAILED, 502, "upstream_error", "stream_cut"),
    /// The stream contained an error of the engine.
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

    /// The status of an answer that the gateway creates itself.
    public int status() {
      return status;
    }

    /// Whether the answer has a `Retry-After` header.
    public boolean hasRetryAfter() {
      return status == 429 || status == 503;
    }

    /// `error.type` in OpenAI's format.
    public String type() {
      return type;
    }

    /// `error.code` in OpenAI's format; stable, so that programs can branch on it.
    public String code() {
      return code;
    }

    /// The outcome of an attempt with this failure.
    public Outcome outcome() {
      return category.outcome();
    }

    public Next next() {
      return category.next();
    }

    /// Whether no connection to the replica was established.
    public boolean unreachable() {
      return this == CONNECT_FAILED || this == CONNECT_TIMEOUT;
    }

    /// Whether the engine only rejected what this gateway added to a request.
    public boolean refusesAddition() {
      return this == UNSUPPORTED_BY_ENGINE || this == CONTINUATION_REFUSED;
    }

    /// Whether another replica may be tried.
    public boolean retryable() {
      return next() == Next.RETRY_ELSEWHERE || next() == Next.RETRY_AFTER;
    }
  }
}
