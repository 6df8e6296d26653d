// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.metric.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/// The meters of one version of one service, resolved once so that requests need no tag lookup.
final class VersionMeters {
  private final LongAdder inFlight = new LongAdder();
  private final Map<Failure.Attribution, Counter> failed = new EnumMap<>(Failure.Attribution.class);
  private final Map<Outcome, Counter> attempts = new EnumMap<>(Outcome.class);
  private final Map<Failure.Kind, Counter> retries = new EnumMap<>(Failure.Kind.class);
  private final Counter succeeded;
  private final Counter injected;
  private final Counter overdueGivenUp;
  private final Counter overdueAwaited;
  private final Counter ejections;
  private final Counter budgetExhausted;
  private final Counter continued;
  private final Counter broken;
  private final Counter promptTokens;
  private final Counter outputTokens;
  private final Timer ttft;
  private final Timer itl;
  private final Timer duration;
  private final Timer wait;
  private final List<Meter> all = new ArrayList<>();
  private volatile long usedNanos;

  VersionMeters(MeterRegistry registry, String service, String version) {
    Tags tags = Tags.of("service", service, "version", version);
    succeeded =
        own(GatewayMeters.counter(registry, Metric.REQUESTS, tags.and("outcome", "success")));
    for (Failure.Attribution attribution : Failure.Attribution.values()) {
      String outcome =
          switch (attribution) {
            case CLIENT -> "client_error";
            case GATEWAY -> "gateway_error";
            case ENGINE -> "engine_error";
          };
      failed.put(
          attribution,
          own(GatewayMeters.counter(registry, Metric.REQUESTS, tags.and("outcome", outcome))));
    }
    for (Outcome outcome : EnumSet.complementOf(EnumSet.of(Outcome.PENDING))) {
      Tags labels = tags.and("outcome", label(outcome));
      attempts.put(outcome, own(GatewayMeters.counter(registry, Metric.ATTEMPTS, labels)));
    }
    for (Failure.Kind kind : Failure.Kind.values()) {
      if (kind.retryable()) {
        Tags labels = tags.and("outcome", label(kind.outcome()), "cause", kind.code());
        retries.put(kind, own(GatewayMeters.counter(registry, Metric.RETRIES, labels)));
      }
    }
    injected = own(GatewayMeters.counter(registry, Metric.ATTEMPTS_INJECTED, tags));
    overdueGivenUp =
        own(GatewayMeters.counter(registry, Metric.OVERDUE, tags.and("result", "given_up")));
    overdueAwaited =
        own(GatewayMeters.counter(registry, Metric.OVERDUE, tags.and("result", "awaited")));
    ejections = own(GatewayMeters.counter(registry, Metric.BREAKER_OPENED, tags));
    budgetExhausted = own(GatewayMeters.counter(registry, Metric.RETRY_BUDGET_EXHAUSTED, tags));
    continued =
        own(GatewayMeters.counter(registry, Metric.RESUMES, tags.and("result", "continued")));
    broken = own(GatewayMeters.counter(registry, Metric.RESUMES, tags.and("result", "failed")));
    promptTokens =
        own(GatewayMeters.counter(registry, Metric.TOKENS, tags.and("direction", "prompt")));
    outputTokens =
        own(GatewayMeters.counter(registry, Metric.TOKENS, tags.and("direction", "output")));
    ttft = own(GatewayMetrics.ttft(registry, tags));
    itl = own(GatewayMetrics.itl(registry, tags));
    duration = own(GatewayMetrics.duration(registry, tags));
    wait = own(GatewayMetrics.wait(registry, tags));
    all.add(GatewayMeters.gauge(registry, Metric.IN_FLIGHT, tags, inFlight::sum));
  }

  static String label(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }

  private <M extends Meter> M own(M meter) {
    all.add(meter);
    return meter;
  }

  /// @param waitedNanos time in the admission queue, 0 for none
  void arrived(long waitedNanos) {
    inFlight.increment();
    if (waitedNanos > 0) {
      wait.record(waitedNanos, TimeUnit.NANOSECONDS);
    }
  }

  void left() {
    inFlight.decrement();
  }

  void attemptEnded(AttemptEnd end) {
    Counter counter = attempts.get(end.outcome());
    if (counter != null) {
      counter.increment();
    }
    if (!end.injected().isEmpty()) {
      injected.increment();
    }
    if (end.opened()) {
      ejections.increment();
    }
    if (end.itlMicros() >= 0) {
      itl.record(end.itlMicros(), TimeUnit.MICROSECONDS);
    }
  }

  /// A non-streamed answer is overdue.
  ///
  /// @param givenUp whether another replica is tried instead
  void overdue(boolean givenUp) {
    (givenUp ? overdueGivenUp : overdueAwaited).increment();
  }

  void retried(Failure.Kind cause) {
    Counter counter = retries.get(cause);
    if (counter != null) {
      counter.increment();
    }
  }

  void finished(CompletedRequest completed) {
    if (completed.failure().isEmpty()) {
      succeeded.increment();
    } else {
      Counter counter = failed.get(completed.failure().get().kind().attribution());
      if (counter != null) {
        counter.increment();
      }
    }
    if (completed.budgetExhausted()) {
      budgetExhausted.increment();
    }
    if (completed.resumes() > 0) {
      int failures = completed.failure().isPresent() ? 1 : 0;
      continued.increment(completed.resumes() - failures);
      broken.increment(failures);
    }
    promptTokens.increment(Math.max(0.0, (double) completed.promptTokens()));
    outputTokens.increment(Math.max(0.0, (double) completed.outputTokens()));
    if (completed.ttftMicros() >= 0) {
      ttft.record(completed.ttftMicros(), TimeUnit.MICROSECONDS);
    }
    duration.record(Math.max(0, completed.e2eMicros()), TimeUnit.MICROSECONDS);
  }

  /// Records that the version is served now.
  void usedAt(long nanos) {
    usedNanos = nanos;
  }

  /// Whether nothing of it is in flight and it was last served before that time.
  boolean isUnusedSince(long nanos) {
    return inFlight.sum() == 0 && usedNanos - nanos < 0;
  }

  void removeFrom(MeterRegistry registry) {
    all.forEach(registry::remove);
  }
}
