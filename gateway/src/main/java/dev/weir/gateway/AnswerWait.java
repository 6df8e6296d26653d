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

/// The wait of one attempt for its answer. An answer that comes whole sends nothing until all of it
/// is generated, so no first-token timeout applies; this wait ends when the answer is overdue by
/// what [dev.weir.gateway.overdue.AnswerTimes] knows of the Service.
///
/// A request in the engine's own queue is not overdue: while the replica answers only requests that
/// it was given earlier, the wait goes on. It ends once a later request was answered first, or when
/// the replica has answered nothing at all meanwhile.
///
/// Event loop only.
final class AnswerWait {
  /// Of the bound, until a queued request is looked at again.
  private static final int LOOKS = 8;

  private final RequestPipeline.Components components;
  private final EventLoop loop;
  private final ServiceEntry service;
  private final AnswerKind kind;
  private final Balancer.Pick pick;
  private final long startNanos;
  private final Deadlines deadlines;
  private @Nullable ScheduledFuture<?> timer;

  /// @param pick the replica that is waited for; the attempt begins now
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
        api.speaks()
            ? AnswerKind.generated(
                api.path(),
                ServiceAttempt.resumeConstraints(service, api.family(), parsedRequest).maxTokens())
            : AnswerKind.computed(api.path(), bodyBytes);
    this.pick = pick;
    this.startNanos = components.nanoTime().getAsLong();
    this.deadlines = deadlines;
  }

  /// Of a client's request.
  static AnswerWait of(
      RequestPipeline.Components components,
      RequestPipeline.AuthenticatedRequest in,
      ParsedRequest parsedRequest,
      ByteBuf body,
      ServiceAttempt serviceAttempt,
      Balancer.Pick pick) {
    return new AnswerWait(
        components,
        in.refusal().client().loop(),
        serviceAttempt.service(),
        in.api(),
        parsedRequest,
        body.readableBytes(),
        pick,
        serviceAttempt.deadlines());
  }

  /// Calls `overdue` once, when the bound of a whole answer has passed. The first token of a stream
  /// has a timeout of its own.
  AnswerWait bounded(Runnable overdue) {
    long most = deadlines.totalAtNanos() - startNanos;
    long bound =
        components.answerTimes().boundNanos(service.id(), kind, deadlines.firstTokenNanos(), most);
    if (!deadlines.streamed() && bound < most) {
      look(bound, bound, overdue);
    }
    return this;
  }

  private void look(long afterNanos, long bound, Runnable overdue) {
    timer =
        loop.schedule(
            () -> {
              timer = null;
              if (pick.mayBeQueued(bound / 2)) {
                look(Math.max(1, bound / LOOKS), bound, overdue);
              } else {
                overdue.run();
              }
            },
            afterNanos,
            TimeUnit.NANOSECONDS);
  }

  /// The first byte came, or none is waited for any more.
  void over() {
    ScheduledFuture<?> armed = timer;
    timer = null;
    if (armed != null) {
      armed.cancel(false);
    }
  }

  /// The answer came whole.
  ///
  /// @param version that gave it
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

  /// What the attempt is ended with.
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
