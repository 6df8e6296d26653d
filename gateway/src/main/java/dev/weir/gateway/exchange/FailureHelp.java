// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.gateway.exchange.Failure.Kind;

/// What each error of the gateway means and what the caller or the operator does about it: the text
/// of `docs/reference/errors.md`.
public final class FailureHelp {
  private FailureHelp() {}

  /// What happened, in one sentence.
  public static String meaning(Kind kind) {
    return switch (kind) {
      case BAD_REQUEST -> "The request is not valid HTTP/1.1, or its body is not valid.";
      case UNAUTHENTICATED -> "The request has no valid API key.";
      case FORBIDDEN -> "The key may not do what the request wants, such as name a version.";
      case UNKNOWN_MODEL -> "The model does not exist, or the key may not call it.";
      case UNKNOWN_PATH -> "The path does not exist, or no engine of the model has it.";
      case WRONG_METHOD -> "The path exists with another method.";
      case SLOW_UPLOAD -> "The request's body arrived too slowly.";
      case BODY_TOO_LARGE -> "The request's body exceeds the limit.";
      case URI_TOO_LONG -> "The request line exceeds the limit.";
      case EXPECTATION_FAILED -> "The header `Expect` is not `100-continue`.";
      case HEADERS_TOO_LARGE -> "The request's headers exceed the limit.";
      case UNKNOWN_VERSION -> "The request is not HTTP/1.0 or HTTP/1.1.";
      case RATE_LIMITED -> "A limit of the key, the tenant or the Service is reached.";
      case CLIENT_GONE -> "The client closed its connection; only logs and metrics show this code.";
      case CLIENT_DEADLINE -> "The deadline in the header `x-weir-timeout` passed.";
      case CLIENT_SLOW -> "The client read so slowly that the total timeout passed.";
      case REJECTED_BY_ENGINE -> "The engine rejected the request.";
      case CONTEXT_TOO_LONG -> "The request has more tokens than the model accepts.";
      case INTERNAL -> "The gateway failed.";
      case UNSUPPORTED_BY_ENGINE -> "The engine does not support what the gateway added.";
      case CONTINUATION_REFUSED -> "The engine refused to continue this stream.";
      case NOT_READY -> "The gateway has no valid routing snapshot.";
      case NO_REPLICA -> "No replica of the Service can serve the request.";
      case SERVICE_FULL -> "The Service has reached `spec.traffic.maxInFlight` in this gateway.";
      case OVERLOADED -> "The admission queue would take longer than the request can wait.";
      case MEMORY_FULL -> "The bodies of unanswered requests use all memory allowed for them.";
      case TOO_MANY_CONNECTIONS -> "The gateway has reached its limit of connections.";
      case GATEWAY_OVERLOADED -> "The gateway is short of CPU and did not read the request.";
      case DEADLINE_PASSED -> "The deadline passed in the gateway.";
      case CONNECT_FAILED -> "The connection to a replica failed.";
      case CONNECT_TIMEOUT -> "The connection to a replica took longer than its timeout.";
      case RESET -> "A replica closed the connection before the first byte of its answer.";
      case BAD_ANSWER -> "A replica's answer is not valid.";
      case SERVER_ERROR -> "A replica answered with a status from 500.";
      case BACKPRESSURE -> "Every replica that the gateway tried reported that it is full.";
      case FIRST_TOKEN_TIMEOUT -> "The first token took longer than its timeout.";
      case NO_ANSWER ->
          "An answer without streaming took longer than nearly all answers of its Service.";
      case STALLED -> "A stream had no new data for longer than its timeout.";
      case TOTAL_TIMEOUT -> "The request took longer than its total timeout.";
      case CUT -> "The answer stopped before its end.";
      case ERROR_IN_STREAM -> "The stream contained an error of the engine.";
    };
  }

  /// What to do, in one sentence.
  public static String remedy(Kind kind) {
    return switch (kind) {
      case BAD_REQUEST, EXPECTATION_FAILED, UNKNOWN_VERSION, WRONG_METHOD, REJECTED_BY_ENGINE ->
          "Correct the request as `message` describes.";
      case UNAUTHENTICATED ->
          "Send `Authorization: Bearer KEY` with a key that is neither revoked nor expired.";
      case FORBIDDEN -> "Use a key with the right that `message` names.";
      case UNKNOWN_MODEL -> "Use a name that `GET /v1/models` lists for this key.";
      case UNKNOWN_PATH -> "Use a path of the [HTTP API](http-api.md#gateway).";
      case SLOW_UPLOAD -> "Send the body without pauses.";
      case BODY_TOO_LARGE, URI_TOO_LONG, HEADERS_TOO_LARGE -> "Send a smaller request.";
      case CONTEXT_TOO_LONG -> "Shorten the prompt, or add a fallback for `contextTooLong`.";
      case RATE_LIMITED, BACKPRESSURE, OVERLOADED, SERVICE_FULL ->
          "Retry after the time in `Retry-After`; raise the limit or add replicas.";
      case MEMORY_FULL, TOO_MANY_CONNECTIONS, GATEWAY_OVERLOADED ->
          "Retry after the time in `Retry-After`; add gateways.";
      case CLIENT_GONE -> "None.";
      case CLIENT_DEADLINE -> "Raise `x-weir-timeout`, or leave it out.";
      case CLIENT_SLOW -> "Read the answer faster, or raise the total timeout.";
      case INTERNAL -> "Retry; search the gateway's log for the request id.";
      case UNSUPPORTED_BY_ENGINE, CONTINUATION_REFUSED ->
          "Send the request again; set `spec.traffic.resume: false` if it recurs.";
      case NOT_READY -> "Retry; check with `weir get gateways` that the gateway is connected.";
      case NO_REPLICA -> "Retry; check the replicas with `weir get replicas`.";
      case DEADLINE_PASSED, FIRST_TOKEN_TIMEOUT, STALLED, TOTAL_TIMEOUT, NO_ANSWER ->
          "Retry; add replicas, or raise the timeout in `spec.traffic.timeouts`.";
      case CONNECT_FAILED, CONNECT_TIMEOUT, RESET, BAD_ANSWER, SERVER_ERROR, CUT, ERROR_IN_STREAM ->
          "Retry; trace the attempts with `weir explain REQUEST-ID`.";
    };
  }
}
