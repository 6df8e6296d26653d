// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import dev.weir.model.engine.EngineProfile;
import dev.weir.model.value.GeneratedTraffic.ProbeApi;
import dev.weir.runtime.engine.EngineAdapter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// The HTTP probe for engines with an OpenAI-compatible API.
///
/// Does not follow redirects: an engine does not send them.
public final class GenerationProbe implements ReplicaProbe {
  /// Inspections are optional: a slow response counts as a failure.
  private static final Duration INSPECTION_TIMEOUT = Duration.ofSeconds(2);

  private static final int NOT_FOUND = 404;
  private static final int UNAVAILABLE = 503;

  private final EngineClient engineClient;
  private final EngineAdapter adapter;
  private final EngineInspector look;
  private final EngineProfile profile;
  private final String model;
  private final Limits limits;

  /// @param health timeout of a health call
  /// @param generation timeout of a generation of a few tokens, including a possible queue
  public record Limits(Duration health, Duration generation) {
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  /// For engines without a key.
  public GenerationProbe(HttpClient client, EngineProfile profile, String model, Limits limits) {
    this(() -> CallCredentials.plain(client), profile, model, limits);
  }

  /// @param callCredentials called before each call, on the caller's thread
  /// @param model the model name that the engine serves
  public GenerationProbe(
      Supplier<CallCredentials> callCredentials,
      EngineProfile profile,
      String model,
      Limits limits) {
    this.engineClient = new EngineClient(callCredentials);
    this.adapter = EngineAdapter.of(profile);
    this.look = new EngineInspector(engineClient, adapter, model, INSPECTION_TIMEOUT);
    this.profile = profile;
    this.model = model;
    this.limits = limits;
  }

  /// A client for probes; share one client for all probes.
  public static HttpClient newClient() {
    return clientBuilder().build();
  }

  /// The builder of the client, for callers with additional settings.
  public static HttpClient.Builder clientBuilder() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(2))
        .followRedirects(HttpClient.Redirect.NEVER);
  }

  @Override
  public CompletableFuture<HealthResult> health(URI endpoint) {
    String path = adapter.healthPath();
    return engineClient.ask(
        EngineClient.request(endpoint, path, limits.health()).GET(),
        limits.health(),
        answer -> health(endpoint, path, answer),
        HealthResult.Down::new);
  }

  private HealthResult health(URI endpoint, String path, EngineClient.EngineResponse answer) {
    int status = answer.status();
    if (status / 100 == 2) {
      return new HealthResult.Up();
    }
    if (status == UNAVAILABLE) {
      return new HealthResult.Loading(ProbeMessages.message(answer.body()).orElse("loading (503)"));
    }
    if (profile.upOnClientError() && status / 100 == 4) {
      return new HealthResult.Up();
    }
    return new HealthResult.Down(
        ProbeMessages.refusal("GET " + path, status, answer.body())
            + ProbeMessages.pathRemedy(endpoint, status));
  }

  @Override
  public CompletableFuture<EngineLookResult> look(URI endpoint) {
    return look.at(endpoint);
  }

  /// Calls the API that the profile names. An engine without `/v1/completions` is called again by
  /// chat.
  @Override
  public CompletableFuture<GenerationResult> generate(URI endpoint, boolean streaming) {
    if (profile.probe() == ProbeApi.CHAT) {
      return call(endpoint, true, streaming).thenApply(Call::outcome);
    }
    CompletableFuture<Call> first = call(endpoint, false, streaming);
    return EngineClient.linked(
        first,
        first.thenCompose(call ->
            call.status() == NOT_FOUND
                ? call(endpoint, true, streaming).thenApply(Call::outcome)
                : CompletableFuture.completedFuture(call.outcome())));
  }

  /// @param status 0 without a response
  private record Call(int status, GenerationResult outcome) {}

  private CompletableFuture<Call> call(URI endpoint, boolean chat, boolean streaming) {
    String path = chat ? "/v1/chat/completions" : "/v1/completions";
    return engineClient.ask(
        EngineClient.request(endpoint, path, limits.generation())
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(ProbeMessages.question(model, chat, streaming))),
        limits.generation(),
        answer ->
            new Call(
                answer.status(),
                ProbeMessages.judge(
                    "POST " + path, endpoint, model, answer.status(), answer.body(), streaming)),
        reason -> new Call(0, new GenerationResult.Failed(reason)));
  }
}
