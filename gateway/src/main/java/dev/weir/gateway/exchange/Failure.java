// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.Telemetry;
import java.util.Objects;

/// What went wrong, with a message for the caller.
///
/// @param message one sentence, no secret, no internal address
/// @param code machine-readable; the kind's own unless somebody knows better
public record Failure(Kind kind, String message, String code) {
  public Failure {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(message);
    Objects.requireNonNull(code);
  }

  public Failure(Kind kind, String message) {
    this(kind, message, kind.code());
  }

  /// Whose doing it was.
  public enum Fault {
    CLIENT,
    GATEWAY,
    ENGINE
  }

  /// Every way a request can go wrong: one name, one status, whose fault, and whether another
  /// replica may be asked.
  public enum Kind {
    BAD_REQUEST(Fault.CLIENT, 400, "invalid_request_error", "invalid_request"),
    UNAUTHENTICATED(Fault.CLIENT, 401, "authentication_error", "invalid_api_key"),
    FORBIDDEN(Fault.CLIENT, 403, "permission_error", "forbidden"),
    UNKNOWN_MODEL(Fault.CLIENT, 404, "not_found_error", "model_not_found"),
    UNKNOWN_PATH(Fault.CLIENT, 404, "not_found_error", "unknown_url"),
    WRONG_METHOD(Fault.CLIENT, 405, "invalid_request_error", "method_not_allowed"),
    SLOW_UPLOAD(Fault.CLIENT, 408, "invalid_request_error", "request_timeout"),
    BODY_TOO_LARGE(Fault.CLIENT, 413, "invalid_request_error", "request_too_large"),
    URI_TOO_LONG(Fault.CLIENT, 414, "invalid_request_error", "uri_too_long"),
    EXPECTATION_FAILED(Fault.CLIENT, 417, "invalid_request_error", "expectation_failed"),
    HEADERS_TOO_LARGE(Fault.CLIENT, 431, "invalid_request_error", "headers_too_large"),
    /// A limit of the key, the tenant or the service is reached.
    RATE_LIMITED(Fault.CLIENT, 429, "rate_limit_error", "rate_limit_exceeded"),
    /// The client closed its connection.
    CLIENT_GONE(Fault.CLIENT, 499, "client_closed", "client_closed"),
    /// The deadline that the client itself set has passed.
    CLIENT_DEADLINE(Fault.CLIENT, 504, "timeout_error", "client_deadline"),
    /// The client read so slowly that the total deadline passed.
    CLIENT_SLOW(Fault.CLIENT, 504, "timeout_error", "client_too_slow"),
    /// An answer of the engine that blames the request (4xx other than 429).
    REJECTED_BY_ENGINE(Fault.CLIENT, 400, "invalid_request_error", "rejected"),

    INTERNAL(Fault.GATEWAY, 500, "api_error", "internal_error"),
    NOT_READY(Fault.GATEWAY, 503, "service_unavailable", "not_ready"),
    NO_REPLICA(Fault.GATEWAY, 503, "service_unavailable", "no_replica"),
    TOO_MANY_CONNECTIONS(Fault.GATEWAY, 503, "service_unavailable", "too_many_connections"),

    CONNECT_FAILED(Fault.ENGINE, 502, "upstream_error", "connect_failed"),
    CONNECT_TIMEOUT(Fault.ENGINE, 504, "timeout_error", "connect_timeout"),
    /// The connection broke before the first byte of an answer.
    RESET(Fault.ENGINE, 502, "upstream_error", "upstream_reset"),
    /// Not HTTP, or not an answer a client could use.
    BAD_ANSWER(Fault.ENGINE, 502, "upstream_error", "bad_upstream_answer"),
    SERVER_ERROR(Fault.ENGINE, 502, "upstream_error", "upstream_error"),
    /// The engine said it is full: 429 or 503.
    BACKPRESSURE(Fault.ENGINE, 503, "service_unavailable", "server_is_overloaded"),
    FIRST_TOKEN_TIMEOUT(Fault.ENGINE, 504, "timeout_error", "first_token_timeout"),
    STALLED(Fault.ENGINE, 504, "timeout_error", "stalled"),
    TOTAL_TIMEOUT(Fault.ENGINE, 504, "timeout_error", "total_timeout"),
    /// The answer stopped in its middle, or ended without a legal finish reason.
    CUT(Fault.ENGINE, 502, "upstream_error", "stream_cut"),
    /// The stream carried the engine's own error.
    ERROR_IN_STREAM(Fault.ENGINE, 502, "upstream_error", "stream_error");

    private final Fault fault;
    private final int status;
    private final String type;
    private final String code;

    Kind(Fault fault, int status, String type, String code) {
      this.fault = fault;
      this.status = status;
      this.type = type;
      this.code = code;
    }

    public Fault fault() {
      return fault;
    }

    /// The status of an answer that the gateway makes itself.
    public int status() {
      return status;
    }

    /// `error.type` in OpenAI's shape.
    public String type() {
      return type;
    }

    /// `error.code` in OpenAI's shape; stable, so that programs can branch on it.
    public String code() {
      return code;
    }

    /// The class that statistics put an attempt in that ended so.
    public Telemetry.Outcome outcome() {
      return switch (fault) {
        case CLIENT, GATEWAY -> Telemetry.Outcome.NEUTRAL;
        case ENGINE ->
            this == BACKPRESSURE ? Telemetry.Outcome.BACKPRESSURE : Telemetry.Outcome.FAILURE;
      };
    }

    /// Whether another replica could still answer in time. The total deadline ends everything.
    public boolean mayGoRound() {
      return fault == Fault.ENGINE && this != TOTAL_TIMEOUT;
    }
  }
}
