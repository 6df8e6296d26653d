// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import dev.weir.model.EngineType;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
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

/// The probe over HTTP, for the engines that speak OpenAI's API.
///
/// Redirects are not followed: an engine that answers with one is not the engine.
public final class GenerationProbe implements Probe {
  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final int NOT_FOUND = 404;
  private static final int UNAVAILABLE = 503;

  private final Supplier<Access> access;
  private final EngineType type;
  private final String model;
  private final Limits limits;

  /// @param health how long a health call may take
  /// @param generation how long a generation may take: a few tokens, perhaps behind a queue
  public record Limits(Duration health, Duration generation) {
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  /// For engines that ask for no key.
  public GenerationProbe(HttpClient client, EngineType type, String model, Limits limits) {
    this(() -> Access.plain(client), type, model, limits);
  }

  /// @param access what to call with; asked before each call, on the caller's thread
  /// @param model the name that the engine answers to
  public GenerationProbe(Supplier<Access> access, EngineType type, String model, Limits limits) {
    this.access = access;
    this.type = type;
    this.model = model;
    this.limits = limits;
  }

  /// A client as probes need it; share one for all.
  public static HttpClient newClient() {
    return clientBuilder().build();
  }

  /// The same, for who has more to say about its connections.
  public static HttpClient.Builder clientBuilder() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(2))
        .followRedirects(HttpClient.Redirect.NEVER);
  }

  @Override
  public CompletableFuture<Health> health(URI endpoint) {
    String path =
        switch (type) {
          case VLLM, SGLANG, LLAMACPP, SIM -> "/health";
          case OLLAMA -> "/api/version";
          case OPENAI -> "/v1/models";
        };
    return ask(
        request(endpoint, path, limits.health()).GET(),
        limits.health(),
        answer -> health(path, answer),
        Health.Down::new);
  }

  private Health health(String path, Answer answer) {
    int status = answer.status();
    if (status / 100 == 2) {
      return new Health.Up();
    }
    if (status == UNAVAILABLE) {
      return new Health.Loading(Answers.message(answer.body()).orElse("loading (503)"));
    }
    // A plain OpenAI API has no health path: that it answers at all is what can be known cheaply.
    if (type == EngineType.OPENAI && status / 100 == 4) {
      return new Health.Up();
    }
    return new Health.Down(Answers.refusal("GET " + path, status, answer.body()));
  }

  /// Completions, or chat for what may speak nothing else. An engine without `/v1/completions` is
  /// asked again by chat.
  @Override
  public CompletableFuture<Generation> generate(URI endpoint, boolean streaming) {
    boolean chat = type == EngineType.OPENAI || type == EngineType.OLLAMA;
    if (chat) {
      return call(endpoint, true, streaming).thenApply(Call::outcome);
    }
    CompletableFuture<Call> first = call(endpoint, false, streaming);
    return linked(
        first,
        first.thenCompose(call ->
            call.status() == NOT_FOUND
                ? call(endpoint, true, streaming).thenApply(Call::outcome)
                : CompletableFuture.completedFuture(call.outcome())));
  }

  /// @param status 0 when there was no answer
  private record Call(int status, Generation outcome) {}

  private CompletableFuture<Call> call(URI endpoint, boolean chat, boolean streaming) {
    String path = chat ? "/v1/chat/completions" : "/v1/completions";
    return ask(
        request(endpoint, path, limits.generation())
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(Answers.question(model, chat, streaming))),
        limits.generation(),
        answer ->
            new Call(
                answer.status(),
                Answers.judge("POST " + path, answer.status(), answer.body(), streaming)),
        reason -> new Call(0, new Generation.Failed(reason)));
  }

  private static HttpRequest.Builder request(URI endpoint, String path, Duration limit) {
    String base = endpoint.toString().replaceAll("/+$", "");
    return HttpRequest.newBuilder(URI.create(base + path)).timeout(limit);
  }

  /// An answer in which the key that was sent cannot be read: some servers repeat it.
  private record Answer(int status, String body) {
    static Answer of(HttpResponse<String> answer, Optional<String> token) {
      String body = answer.body();
      return new Answer(
          answer.statusCode(),
          token.map(secret -> body.replace(secret, "(the credential)")).orElse(body));
    }
  }

  private <T> CompletableFuture<T> ask(
      HttpRequest.Builder request,
      Duration limit,
      Function<Answer, T> read,
      Function<String, T> failed) {
    return switch (access.get()) {
      case Access.Missing(String reason) -> CompletableFuture.completedFuture(failed.apply(reason));
      case Access.Granted granted -> ask(granted, request, limit, read, failed);
    };
  }

  /// The request's own timeout ends with the answer's head; the limit here holds for all of it.
  private static <T> CompletableFuture<T> ask(
      Access.Granted with,
      HttpRequest.Builder request,
      Duration limit,
      Function<Answer, T> read,
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
                    ? read.apply(Answer.of(answer, with.token()))
                    : failed.apply(describe(called, failure)));
    return linked(call, result);
  }

  /// Gives the call up when nobody waits for its result any more.
  private static <T> CompletableFuture<T> linked(
      CompletableFuture<?> call, CompletableFuture<T> result) {
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
            + Answers.line(String.valueOf(at.getMessage()));
      }
      if (at instanceof TimeoutException || at instanceof HttpTimeoutException) {
        return "no answer in time";
      }
    }
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return Answers.line(cause.toString());
  }
}
