// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import dev.weir.runtime.engine.EngineAdapter;
import dev.weir.runtime.engine.EngineJson;
import dev.weir.runtime.engine.EngineReport;
import dev.weir.runtime.engine.LoadSource;
import dev.weir.runtime.engine.MetricsReader;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// Reads the version and the load of one engine. Reads the version in every twelfth inspection and
/// after a failure, and the sleep state in every inspection if the engine reports it.
///
/// Inspections are sequential: one starts only after the previous one has ended.
final class EngineInspector {
  private static final int VERSION_INTERVAL = 12;

  private final EngineClient engineClient;
  private final EngineAdapter adapter;
  private final String model;
  private final Duration limit;

  private volatile Known known = new Known(Optional.empty(), Optional.empty());
  private volatile int toNext;

  private record Known(Optional<String> version, Optional<Boolean> asleep) {}

  /// @param model the model name that the engine serves
  /// @param limit for each call
  EngineInspector(EngineClient engineClient, EngineAdapter adapter, String model, Duration limit) {
    this.engineClient = engineClient;
    this.adapter = adapter;
    this.model = model;
    this.limit = limit;
  }

  CompletableFuture<EngineLookResult> at(URI endpoint) {
    return refreshKnown(endpoint).thenCompose(_ -> load(endpoint)).thenApply(this::counted);
  }

  private EngineLookResult counted(EngineLookResult look) {
    toNext =
        look instanceof EngineLookResult.Seen ? Math.floorMod(toNext - 1, VERSION_INTERVAL) : 0;
    return look;
  }

  private CompletableFuture<Known> refreshKnown(URI endpoint) {
    boolean refresh = toNext == 0;
    CompletableFuture<Optional<String>> version =
        refresh ? version(endpoint, adapter.versionPaths()) : done(known.version());
    return version
        .thenCombine(
            refresh || known.asleep().isPresent() ? asleep(endpoint) : done(Optional.empty()),
            Known::new)
        .whenComplete((now, _) -> known = now == null ? known : now);
  }

  private CompletableFuture<Optional<String>> version(URI endpoint, List<String> paths) {
    if (paths.isEmpty()) {
      return done(Optional.empty());
    }
    return fact(
            endpoint, paths.getFirst(), body -> EngineJson.version(body, adapter.versionField()))
        .thenCompose(found ->
            found.isPresent() ? done(found) : version(endpoint, paths.subList(1, paths.size())));
  }

  private CompletableFuture<Optional<Boolean>> asleep(URI endpoint) {
    return adapter
        .sleepPath()
        .map(path -> fact(endpoint, path, body -> EngineJson.sleeping(body, adapter.sleepField())))
        .orElseGet(() -> done(Optional.empty()));
  }

  private <T> CompletableFuture<Optional<T>> fact(
      URI endpoint, String path, Function<String, Optional<T>> read) {
    return engineClient.ask(
        EngineClient.request(endpoint, path, limit).GET(),
        limit,
        answer -> answer.status() == 200 ? read.apply(answer.body()) : Optional.empty(),
        _ -> Optional.empty());
  }

  private CompletableFuture<EngineLookResult> load(URI endpoint) {
    return switch (adapter.load()) {
      case LoadSource.Metrics source ->
          ask(endpoint, source.path(), answer -> metrics(source, answer));
      case LoadSource.LoadedModels source ->
          ask(endpoint, source.path(), answer -> loaded(source, answer));
      case LoadSource.Untold _ -> done(noReport("this API does not report its load"));
    };
  }

  private CompletableFuture<EngineLookResult> ask(
      URI endpoint, String path, Function<EngineClient.EngineResponse, EngineLookResult> read) {
    return engineClient.ask(
        EngineClient.request(endpoint, path, limit).GET(),
        limit,
        read,
        reason -> new EngineLookResult.Failed("GET " + path + ": " + reason));
  }

  private EngineLookResult metrics(LoadSource.Metrics source, EngineClient.EngineResponse answer) {
    return new EngineLookResult.Seen(
        answer.status() == 200
            ? MetricsReader.read(source, answer.body(), known.version(), known.asleep())
            : MetricsReader.absent(
                source,
                ProbeMessages.refusal("GET " + source.path(), answer.status(), answer.body()),
                known.version(),
                known.asleep()));
  }

  private EngineLookResult loaded(
      LoadSource.LoadedModels source, EngineClient.EngineResponse answer) {
    if (answer.status() != 200) {
      return noReport(
          ProbeMessages.refusal("GET " + source.path(), answer.status(), answer.body()));
    }
    Optional<Boolean> loaded = EngineJson.loaded(answer.body(), model);
    return new EngineLookResult.Seen(
        new EngineReport(
            known.version(),
            Map.of(),
            loaded.map(is -> !is),
            List.of(),
            loaded.isPresent() ? "" : "GET " + source.path() + " returned no list of models"));
  }

  private EngineLookResult noReport(String why) {
    return new EngineLookResult.Seen(
        new EngineReport(known.version(), Map.of(), Optional.empty(), List.of(), why));
  }

  private static <T> CompletableFuture<T> done(T value) {
    return CompletableFuture.completedFuture(value);
  }
}
