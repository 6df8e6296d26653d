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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// The probe over HTTP, for the engines that speak OpenAI's API.
///
/// Redirects are not followed: an engine that answers with one is not the engine.
public final class GenerationProbe implements Probe {
  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final int NOT_FOUND = 404;
  private static final int UNAVAILABLE = 503;

  private final HttpClient client;
  private final EngineType type;
  private final String model;
  private final Limits limits;

  /// @param health how long a health call may take
  /// @param generation how long a generation may take: a few tokens, perhaps behind a queue
  public record Limits(Duration health, Duration generation) {
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  /// @param model the name that the engine answers to
  public GenerationProbe(HttpClient client, EngineType type, String model, Limits limits) {
    this.client = client;
    this.type = type;
    this.model = model;
    this.limits = limits;
  }

  /// A client as probes need it; share one for all.
  public static HttpClient newClient() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(2))
        .followRedirects(HttpClient.Redirect.NEVER)
        .build();
  }

  @Override
  public CompletableFuture<Health> health(URI endpoint) {
    String path =
        switch (type) {
          case VLLM, SGLANG, LLAMACPP, SIM -> "/health";
          case OLLAMA -> "/api/version";
          case OPENAI -> "/v1/models";
        };
    HttpRequest request = request(endpoint, path, limits.health()).GET().build();
    return ask(
        request,
        limits.health(),
        answer -> health(path, answer),
        failure -> new Health.Down(describe(failure)));
  }

  private Health health(String path, HttpResponse<String> answer) {
    int status = answer.statusCode();
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
    HttpRequest request =
        request(endpoint, path, limits.generation())
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(Answers.question(model, chat, streaming)))
            .build();
    return ask(
        request,
        limits.generation(),
        answer ->
            new Call(
                answer.statusCode(),
                Answers.judge("POST " + path, answer.statusCode(), answer.body(), streaming)),
        failure -> new Call(0, new Generation.Failed(describe(failure))));
  }

  private static HttpRequest.Builder request(URI endpoint, String path, Duration limit) {
    String base = endpoint.toString().replaceAll("/+$", "");
    return HttpRequest.newBuilder(URI.create(base + path)).timeout(limit);
  }

  /// The request's own timeout ends with the answer's head; the limit here holds for all of it.
  private <T> CompletableFuture<T> ask(
      HttpRequest request,
      Duration limit,
      Function<HttpResponse<String>, T> read,
      Function<Throwable, T> failed) {
    CompletableFuture<HttpResponse<String>> call =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_BODY_BYTES));
    CompletableFuture<T> result =
        call.copy()
            .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
            .handle(
                (answer, failure) -> failure == null ? read.apply(answer) : failed.apply(failure));
    return linked(call, result);
  }

  /// Gives the call up when nobody waits for its result any more.
  private static <T> CompletableFuture<T> linked(
      CompletableFuture<?> call, CompletableFuture<T> result) {
    CompletableFuture<T> held = result.copy();
    var _ = held.whenComplete((_, _) -> call.cancel(true));
    return held;
  }

  private static String describe(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof ConnectException) {
        return "connection refused";
      }
      if (at instanceof TimeoutException || at instanceof HttpTimeoutException) {
        return "no answer in time";
      }
    }
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return Answers.line(cause.toString());
  }
}
