// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.ObservedEngine;
import dev.weir.runtime.probe.EngineLookResult;
import dev.weir.runtime.probe.ReplicaProbe;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Inspects the engines of ready replicas every few seconds. The results are only for display: they
/// do not affect the replicas' states.
final class EngineWatch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final int CONCURRENCY = 8;

  private final Supplier<List<Subject>> ready;
  private final InstantSource clock;
  private final Semaphore slots = new Semaphore(CONCURRENCY);
  private final Map<ReplicaName, LastReport> reports = new ConcurrentHashMap<>();
  private final Set<Subject> pending = ConcurrentHashMap.newKeySet();

  /// One launch of a ready replica.
  ///
  /// @param launch identifies the launch, to discard reports of the previous one
  record Subject(ReplicaName name, String launch, URI endpoint, ReplicaProbe probe) {}

  private record LastReport(Subject by, ObservedEngine engine) {}

  EngineWatch(Supplier<List<Subject>> ready, InstantSource clock) {
    this.ready = ready;
    this.clock = clock;
  }

  /// The last report; empty for replicas that are not ready.
  Optional<ObservedEngine> of(ReplicaName name) {
    return Optional.ofNullable(reports.get(name)).map(LastReport::engine);
  }

  @Override
  public void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        publish();
        LockSupport.parkNanos(INTERVAL.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void publish() throws InterruptedException {
    try {
      pass();
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("event", "engines.unwatched")
          .addKeyValue("retry_ms", INTERVAL.toMillis())
          .setCause(e)
          .log("Engines cannot be inspected; the inspection is repeated");
    }
  }

  /// Starts to inspect all ready replicas, a few at a time.
  void pass() throws InterruptedException {
    List<Subject> now = ready.get();
    reports.keySet().retainAll(now.stream().map(Subject::name).collect(Collectors.toSet()));
    for (Subject subject : now) {
      reports.compute(subject.name(), (_, before) -> of(subject, before));
      if (pending.add(subject)) {
        slots.acquire();
        ask(subject);
      }
    }
  }

  private void ask(Subject subject) {
    CompletableFuture<EngineLookResult> look;
    try {
      look = subject.probe().look(subject.endpoint());
    } catch (RuntimeException e) {
      look = CompletableFuture.failedFuture(e);
    }
    var _ =
        look.whenComplete((result, failure) -> {
          slots.release();
          pending.remove(subject);
          EngineLookResult outcome =
              failure == null ? result : new EngineLookResult.Failed(failure.toString());
          reports.computeIfPresent(subject.name(), (_, before) -> after(before, subject, outcome));
        });
  }

  /// Keeps the previous report of the same launch.
  private static LastReport of(Subject subject, @Nullable LastReport before) {
    return before != null && before.by().equals(subject)
        ? before
        : new LastReport(subject, ObservedEngine.UNSEEN);
  }

  private LastReport after(LastReport before, Subject subject, EngineLookResult look) {
    if (!before.by().equals(subject)) {
      return before;
    }
    return new LastReport(
        subject,
        switch (look) {
          case EngineLookResult.Seen result ->
              before.engine().seen(result.report(), clock.instant());
          case EngineLookResult.Failed(String reason) -> before.engine().failed(reason);
        });
  }
}
