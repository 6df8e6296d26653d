// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.ReplicaName;
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

/// Asks the engines of ready replicas every few seconds what they are and how busy. It is for
/// people and dashboards: no replica's life hangs on the answers.
final class EngineWatch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final int AT_ONCE = 8;

  private final Supplier<List<Subject>> ready;
  private final InstantSource clock;
  private final Semaphore slots = new Semaphore(AT_ONCE);
  private final Map<ReplicaName, Told> seen = new ConcurrentHashMap<>();
  private final Set<Subject> asked = ConcurrentHashMap.newKeySet();

  /// One run of a ready replica.
  ///
  /// @param launch names it, so that nothing told by the run before is taken for its own
  record Subject(ReplicaName name, String launch, URI endpoint, ReplicaProbe probe) {}

  private record Told(Subject by, ObservedEngine engine) {}

  EngineWatch(Supplier<List<Subject>> ready, InstantSource clock) {
    this.ready = ready;
    this.clock = clock;
  }

  /// Empty for replicas that are not ready.
  Optional<ObservedEngine> of(ReplicaName name) {
    return Optional.ofNullable(seen.get(name)).map(Told::engine);
  }

  @Override
  public void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        publish();
        LockSupport.parkNanos(EVERY.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void publish() throws InterruptedException {
    try {
      pass();
    } catch (RuntimeException e) {
      LOG.error("event=engines.unwatched effect=\"asked again in {} s\"", EVERY.toSeconds(), e);
    }
  }

  /// Begins to ask everyone who is ready; a few at a time.
  void pass() throws InterruptedException {
    List<Subject> now = ready.get();
    seen.keySet().retainAll(now.stream().map(Subject::name).collect(Collectors.toSet()));
    for (Subject subject : now) {
      seen.compute(subject.name(), (_, before) -> of(subject, before));
      if (asked.add(subject)) {
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
        look.whenComplete((told, failure) -> {
          slots.release();
          asked.remove(subject);
          EngineLookResult outcome =
              failure == null ? told : new EngineLookResult.Failed(failure.toString());
          seen.computeIfPresent(subject.name(), (_, before) -> after(before, subject, outcome));
        });
  }

  /// What was told by the same run stays.
  private static Told of(Subject subject, @Nullable Told before) {
    return before != null && before.by().equals(subject)
        ? before
        : new Told(subject, ObservedEngine.UNSEEN);
  }

  private Told after(Told before, Subject subject, EngineLookResult look) {
    if (!before.by().equals(subject)) {
      return before;
    }
    return new Told(
        subject,
        switch (look) {
          case EngineLookResult.Seen told -> before.engine().seen(told.report(), clock.instant());
          case EngineLookResult.Failed(String reason) -> before.engine().failed(reason);
        });
  }
}
