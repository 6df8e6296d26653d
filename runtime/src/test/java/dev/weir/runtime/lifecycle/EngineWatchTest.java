// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.engine.EngineLoadMetric;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.ObservedEngine;
import dev.weir.runtime.engine.EngineReport;
import dev.weir.runtime.lifecycle.EngineWatch.Subject;
import dev.weir.runtime.probe.EngineLookResult;
import dev.weir.runtime.probe.GenerationResult;
import dev.weir.runtime.probe.HealthResult;
import dev.weir.runtime.probe.ReplicaProbe;
import dev.weir.testkit.ManualClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class EngineWatchTest {
  private static final ReplicaName NAME =
      new ReplicaName("default", "chat", new VersionRef("chat", "1"), 0);

  private final ManualClock clock = new ManualClock();
  private final Instant start = clock.instant();
  private final List<Subject> ready = new ArrayList<>();
  private final List<CompletableFuture<EngineLookResult>> pending = new ArrayList<>();
  private final EngineWatch watch = new EngineWatch(() -> List.copyOf(ready), clock);
  private final ReplicaProbe probe = new PendingProbe();

  private final class PendingProbe implements ReplicaProbe {
    @Override
    public CompletableFuture<HealthResult> health(URI endpoint) {
      throw new AssertionError("not this watch's business");
    }

    @Override
    public CompletableFuture<GenerationResult> generate(URI endpoint, boolean streaming) {
      throw new AssertionError("not this watch's business");
    }

    @Override
    public CompletableFuture<EngineLookResult> look(URI endpoint) {
      pending.add(new CompletableFuture<>());
      return pending.getLast();
    }
  }

  private Subject subject(String launch) {
    return new Subject(NAME, launch, URI.create("http://127.0.0.1:9"), probe);
  }

  private static EngineReport report(double running) {
    return new EngineReport(
        Optional.of("0.30.0"),
        Map.of(EngineLoadMetric.RUNNING, running),
        Optional.empty(),
        List.of(),
        "");
  }

  private ObservedEngine observed() {
    return watch.of(NAME).orElseThrow();
  }

  @Test
  void the_last_metrics_stay_with_their_age_when_no_new_ones_arrive() throws Exception {
    ready.add(subject("a"));
    watch.pass();
    assertThat(observed()).isEqualTo(ObservedEngine.UNSEEN);
    pending.getLast().complete(new EngineLookResult.Seen(report(3)));
    assertThat(observed())
        .isEqualTo(new ObservedEngine(Optional.of(report(3)), Optional.of(start), ""));
    clock.advance(Duration.ofSeconds(40));
    watch.pass();
    pending.getLast().complete(new EngineLookResult.Failed("no answer in time"));
    assertThat(observed())
        .isEqualTo(
            new ObservedEngine(Optional.of(report(3)), Optional.of(start), "no answer in time"));
  }

  @Test
  void the_watch_continues_when_the_ready_replicas_are_unknown() throws Exception {
    CountDownLatch calls = new CountDownLatch(2);
    EngineWatch failing =
        new EngineWatch(
            () -> {
              calls.countDown();
              throw new IllegalStateException("no records");
            },
            clock);
    Thread thread = Thread.ofVirtual().start(failing);
    while (thread.isAlive() && !calls.await(1, TimeUnit.MILLISECONDS)) {
      LockSupport.unpark(thread);
    }
    assertThat(calls.getCount()).isZero();
    thread.interrupt();
    thread.join();
  }

  @Test
  void no_engine_gets_two_requests_at_a_time() throws Exception {
    ready.add(subject("a"));
    watch.pass();
    watch.pass();
    assertThat(pending).hasSize(1);
    pending.getLast().completeExceptionally(new IllegalStateException("broken"));
    assertThat(observed().problem()).contains("broken");
    watch.pass();
    assertThat(pending).hasSize(2);
  }

  @Test
  void metrics_of_the_previous_run_do_not_count_for_the_next_one() throws Exception {
    ready.add(subject("a"));
    watch.pass();
    ready.set(0, subject("b"));
    watch.pass();
    pending.getFirst().complete(new EngineLookResult.Seen(report(3)));
    assertThat(observed()).isEqualTo(ObservedEngine.UNSEEN);
    ready.clear();
    watch.pass();
    assertThat(watch.of(NAME)).isEmpty();
  }
}
