// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// An error in vLLM's format: `{"error": {"message", "type", "param", "code"}}` with the numeric
/// status as `code`.
///
/// @param status HTTP status
/// @param type such as `BadRequestError`
/// @param message human-readable text
/// @param param the invalid request field
record ApiError(int status, String type, String message, Optional<String> param)
    implements ParseResult {
  static ApiError badRequest(String message) {
    return new ApiError(400, "BadRequestError", message, Optional.empty());
  }

  static ApiError badRequest(String param, String message) {
    return new ApiError(400, "BadRequestError", message, Optional.of(param));
  }

  static ApiError modelNotFound(String model) {
    return new ApiError(
        404, "NotFoundError", "The model `" + model + "` does not exist.", Optional.of("model"));
  }

  /// An error raised outside a handler: its type is the HTTP reason phrase.
  static ApiError plain(int status, String reason) {
    return new ApiError(status, reason, reason, Optional.empty());
  }

  static ApiError internal(int status, String message) {
    return new ApiError(status, "InternalServerError", message, Optional.empty());
  }

  static ApiError engineDead() {
    return internal(
        500, "EngineCore encountered an issue. See stack trace (above) for the root cause.");
  }

  static ApiError overloaded(int status) {
    return status == 429
        ? plain(429, "Too Many Requests")
        : new ApiError(
            503, "ServiceUnavailableError", "The server is overloaded.", Optional.empty());
  }

  static ApiError loading() {
    return new ApiError(503, "ServiceUnavailableError", "Loading model", Optional.empty());
  }

  ObjectNode json() {
    ObjectNode body = SimJson.object();
    ObjectNode error = body.putObject("error").put("message", message).put("type", type);
    param.ifPresentOrElse(name -> error.put("param", name), () -> error.putNull("param"));
    error.put("code", status);
    return body;
  }

  /// The error in Anthropic's format.
  ObjectNode messagesJson() {
    ObjectNode body = SimJson.object().put("type", "error");
    body.putObject("error").put("type", messagesType()).put("message", message);
    return body;
  }

  private String messagesType() {
    return switch (status) {
      case 401 -> "authentication_error";
      case 404 -> "not_found_error";
      case 429 -> "rate_limit_error";
      case 503 -> "overloaded_error";
      default -> status < 500 ? "invalid_request_error" : "api_error";
    };
  }
}
