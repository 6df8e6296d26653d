// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.dialect.ApiPath;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.overdue.AnswerKind;
import dev.weir.gateway.upstream.Deadlines;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Bounds how long one attempt waits for a non-streamed answer. Such an answer sends nothing until
/// all of it is generated, so no first-token timeout applies. The wait ends when the answer is
/// overdue according to the [dev.weir.gateway.overdue.AnswerTimes] of the service.
///
/// A request that may still be in the engine's queue is not overdue: the wait continues while the
/// replica answers only requests that it received earlier. It ends once a later request is answered
/// first, or when the replica has answered nothing in the meantime.
///
/// Event loop only.
final class AnswerWait {
  /// A queued request is checked again after this fraction of the bound.
  private static final int CHECKS_PER_BOUND = 8;

  private final RequestPipeline.Components components;
  private final EventLoop loop;
  private final ServiceEntry service;
  private final AnswerKind kind;
  private final Balancer.Pick pick;
  private final long startNanos;
  private final Deadlines deadlines;
  private @Nullable ScheduledFuture<?> timer;

  /// @param pick the replica that must answer; the attempt begins now
  AnswerWait(
      RequestPipeline.Components components,
      EventLoop loop,
      ServiceEntry service,
      ApiPath api,
      ParsedRequest parsedRequest,
      int bodyBytes,
      Balancer.Pick pick,
      Deadlines deadlines) {
    this.components = components;
    this.loop = loop;
    this.service = service;
    this.kind =
        api.generatesText()
            ? AnswerKind.generated(
                api.path(),
                ServiceAttempt.resumeConstraints(service, api.family(), parsedRequest).maxTokens())
            : AnswerKind.computed(api.path(), bodyBytes);
    this.pick = pick;
    this.startNanos = components.nanoTime().getAsLong();
    this.deadlines = deadlines;
  }

  /// The wait for a client's request.
  static AnswerWait of(
      RequestPipeline.Components components,
      RequestPipeline.AuthenticatedRequest in,
      ParsedRequest parsedRequest,
      ByteBuf body,
      ServiceAttempt serviceAttempt,
      Balancer.Pick pick) {
    return new AnswerWait(
        components,
        in.rejection().client().loop(),
        serviceAttempt.service(),
        in.api(),
        parsedRequest,
        body.readableBytes(),
        pick,
        serviceAttempt.deadlines());
  }

  /// Calls `overdue` once, when the bound for a non-streamed answer has passed. Streams have a
  /// first-token timeout instead.
  AnswerWait bounded(Runnable overdue) {
    long remaining = deadlines.totalAtNanos() - startNanos;
    long bound =
        components
            .answerTimes()
            .boundNanos(service.id(), kind, deadlines.firstTokenNanos(), remaining);
    if (!deadlines.streamed() && bound < remaining) {
      scheduleCheck(bound, bound, overdue);
    }
    return this;
  }

  private void scheduleCheck(long afterNanos, long bound, Runnable overdue) {
    timer =
        loop.schedule(
            () -> {
              timer = null;
              if (pick.mayBeQueued(bound / 2)) {
                scheduleCheck(Math.max(1, bound / CHECKS_PER_BOUND), bound, overdue);
              } else {
                overdue.run();
              }
            },
            afterNanos,
            TimeUnit.NANOSECONDS);
  }

  /// The first byte arrived, or the attempt ended.
  void over() {
    ScheduledFuture<?> armed = timer;
    timer = null;
    if (armed != null) {
      armed.cancel(false);
    }
  }

  /// The complete answer arrived.
  ///
  /// @param version that answered
  void answered(String version, long outputTokens) {
    if (version.equals(service.stable().version())) {
      components.answerTimes().learn(service.id(), kind, waitedNanos(), outputTokens);
    }
  }

  private long waitedNanos() {
    return components.nanoTime().getAsLong() - startNanos;
  }

  /// Whether another attempt would have as much time as this one had.
  boolean leavesTime() {
    return deadlines.totalAtNanos() - components.nanoTime().getAsLong() >= waitedNanos();
  }

  /// The failure of an attempt that is given up.
  Failure failure() {
    return new Failure(
        Failure.Kind.NO_ANSWER,
        String.format(
            Locale.ROOT,
            "a replica gave no answer within %.1f s, longer than 99.9%% of the answers of %s take",
            waitedNanos() / 1e9,
            service.name()));
  }
}
