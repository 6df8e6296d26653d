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

/// Calls one engine with the credentials of its Target. Each call completes in bounded time with a
/// response of bounded size or with the reason of its failure.
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

  /// A response without the credential: some servers echo it.
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

  /// The request's timeout covers only the response headers; this limit covers the whole response.
  private static <T> CompletableFuture<T> ask(
      CallCredentials.Granted credentials,
      HttpRequest.Builder request,
      Duration limit,
      Function<EngineResponse, T> read,
      Function<String, T> failed) {
    credentials.token().ifPresent(token -> request.header("authorization", "Bearer " + token));
    URI called = request.build().uri();
    credentials.host().ifPresent(host -> request.header("host", authority(host, called)));
    CompletableFuture<HttpResponse<String>> call =
        credentials
            .client()
            .sendAsync(
                request.build(), BodyHandlers.limiting(BodyHandlers.ofString(), MAX_BODY_BYTES));
    CompletableFuture<T> result =
        call.copy()
            .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
            .handle((answer, failure) ->
                failure == null
                    ? read.apply(EngineResponse.of(answer, credentials.token()))
                    : failed.apply(describe(called, failure)));
    return linked(call, result);
  }

  /// Cancels the call when its result is cancelled.
  static <T> CompletableFuture<T> linked(CompletableFuture<?> call, CompletableFuture<T> result) {
    CompletableFuture<T> cancellable = result.copy();
    var _ = cancellable.whenComplete((_, _) -> call.cancel(true));
    return cancellable;
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
        return "no response in time";
      }
    }
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return ProbeMessages.line(cause.toString());
  }
}
