// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/// Calls of one engine, with what its Target wants it to be shown. Each ends in bounded time with
/// an answer of bounded size, or with the reason why there is none.
final class EngineClient {
  private static final int MAX_BODY_BYTES = 1 << 20;

  private final Supplier<CallCredentials> callCredentials;

  EngineClient(Supplier<CallCredentials> callCredentials) {
    this.callCredentials = callCredentials;
  }

  static HttpRequest.Builder request(URI endpoint, String path, Duration limit) {
    String base = endpoint.toString().replaceAll("/+$", "");
    return HttpRequest.newBuilder(URI.create(base + path)).timeout(limit);
  }

  /// An answer in which the key that was sent cannot be read: some servers repeat it.
  record EngineResponse(int status, String body) {
    static EngineResponse of(HttpResponse<String> answer, Optional<String> token) {
      String body = answer.body();
      return new EngineResponse(
          answer.statusCode(),
          token.map(secret -> body.replace(secret, "(the credential)")).orElse(body));
    }
  }

  <T> CompletableFuture<T> ask(
      HttpRequest.Builder request,
      Duration limit,
      Function<EngineResponse, T> read,
      Function<String, T> failed) {
    return switch (callCredentials.get()) {
      case CallCredentials.Missing(String reason) ->
          CompletableFuture.completedFuture(failed.apply(reason));
      case CallCredentials.Granted granted -> ask(granted, request, limit, read, failed);
    };
  }

  /// The request's own timeout ends with the answer's head; the limit here holds for all of it.
  private static <T> CompletableFuture<T> ask(
      CallCredentials.Granted with,
      HttpRequest.Builder request,
      Duration limit,
      Function<EngineResponse, T> read,
      Function<String, T> failed) {
    with.token().ifPresent(token -> request.header("authorization", "Bearer " + token));
    URI called = request.build().uri();
    with.host().ifPresent(host -> request.header("host", authority(host, called)));
    CompletableFuture<HttpResponse<String>> call =
        with.client()
            .sendAsync(
                request.build(), BodyHandlers.limiting(BodyHandlers.ofString(), MAX_BODY_BYTES));
    CompletableFuture<T> result =
        call.copy()
            .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
            .handle((answer, failure) ->
                failure == null
                    ? read.apply(EngineResponse.of(answer, with.token()))
                    : failed.apply(describe(called, failure)));
    return linked(call, result);
  }

  /// Gives the call up when nobody waits for its result any more.
  static <T> CompletableFuture<T> linked(CompletableFuture<?> call, CompletableFuture<T> result) {
    CompletableFuture<T> held = result.copy();
    var _ = held.whenComplete((_, _) -> call.cancel(true));
    return held;
  }

  private static String authority(String host, URI called) {
    return called.getPort() < 0 ? host : host + ":" + called.getPort();
  }

  private static String describe(URI called, Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof ConnectException) {
        return "connection refused";
      }
      if (at instanceof SSLException) {
        return "no trusted TLS connection to "
            + called.getAuthority()
            + ": "
            + ProbeMessages.line(String.valueOf(at.getMessage()));
      }
      if (at instanceof TimeoutException || at instanceof HttpTimeoutException) {
        return "no answer in time";
      }
    }
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return ProbeMessages.line(cause.toString());
  }
}
