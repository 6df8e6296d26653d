// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.dialect.ApiPath;
import dev.weir.gateway.dialect.ContextLimit;
import dev.weir.gateway.dialect.RequestBodyWriter;
import dev.weir.gateway.dialect.WholeAnswer;
import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FaultInjection;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.gateway.exchange.answer.AnswerText;
import dev.weir.gateway.exchange.answer.AnswerWatch;
import dev.weir.gateway.exchange.answer.Timeline;
import dev.weir.gateway.exchange.answer.Transcript;
import dev.weir.gateway.grade.GradeReader;
import dev.weir.gateway.grade.JudgePrompt;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import dev.weir.gateway.upstream.UpstreamAuth;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntConsumer;

/// Sends one answer to its judge: a request that the gateway generates for the judge's stable
/// version. It does not appear in limits, records or metrics of the judge's service; the result
/// counts only towards the replica's health. If a replica is unreachable or full, one other replica
/// is tried.
final class GradingRequest {
  private static final int MAX_ATTEMPTS = 2;

  /// Limit on the judge's output, which may contain reasoning before the grade.
  private static final int MAX_CHARS = 65_536;

  private final RequestPipeline.Components components;
  private final SampledAnswer sampled;
  private final String answer;
  private final long deadlineNanos;
  private final IntConsumer graded;
  private final Set<String> tried = new HashSet<>();

  /// @param answer its text
  /// @param deadlineNanos monotonic; later grades are discarded
  /// @param graded receives the grade in thousandths, on the request's event loop
  GradingRequest(SampledAnswer sampled, String answer, long deadlineNanos, IntConsumer graded) {
    this.components = sampled.components();
    this.sampled = sampled;
    this.answer = answer;
    this.deadlineNanos = deadlineNanos;
    this.graded = graded;
  }

  /// Id of the judge's service.
  String judge() {
    return sampled.rules().judge();
  }

  /// Whether the deadline has passed.
  boolean late() {
    return nanosLeft() <= 0;
  }

  private long nanosLeft() {
    return deadlineNanos - components.nanoTime().getAsLong();
  }

  /// Starts the request if there is a slot. May be called on any thread.
  ///
  /// @return false if there is no slot yet; true if the request started or ended
  boolean tryStart() {
    Optional<ServiceEntry> judge = components.snapshots().current().service(judge());
    if (late() || judge.isEmpty()) {
      components.gradings().ended(late() ? GradingQueue.Result.LATE : GradingQueue.Result.FAILED);
      return true;
    }
    Optional<GradingQueue.Slot> place = components.gradings().tryAcquire(components, judge.get());
    place.ifPresent(taken -> sampled.loop().execute(() -> send(judge.get(), taken)));
    return place.isPresent();
  }

  // --- on the request's event loop

  private void send(ServiceEntry judge, GradingQueue.Slot place) {
    byte[] json =
        JudgePrompt.body(
            judge.name(), sampled.rules(), sampled.question(), answer, components.random());
    SyntheticRequest syntheticRequest = SyntheticRequest.of(ApiPath.CHAT, json).orElseThrow();
    new AtJudge(judge, syntheticRequest, place).attempt();
  }

  /// The attempts made while the slot is held.
  private final class AtJudge {
    private final ServiceEntry judge;
    private final SyntheticRequest syntheticRequest;
    private final GradingQueue.Slot place;

    AtJudge(ServiceEntry judge, SyntheticRequest syntheticRequest, GradingQueue.Slot place) {
      this.judge = judge;
      this.syntheticRequest = syntheticRequest;
      this.place = place;
    }

    void attempt() {
      components
          .balancer()
          .pick(judge, judge.stable(), tried, components.random())
          .ifPresentOrElse(this::attempt, () -> end(GradingQueue.Result.FAILED));
    }

    private void attempt(Balancer.Pick chosen) {
      tried.add(chosen.replica().name());
      AdmittedRequest arrival =
          syntheticRequest.arrival(
              components,
              VersionDecision.undrawn(judge),
              components.snapshots().current(),
              /* graded= */ false);
      AttemptTracker attemptTracker =
          new AttemptTracker(
              RequestRecorder.UNRECORDED, arrival, Optional.empty(), components.nanoTime());
      String version = judge.stable().version();
      Optional<FaultInjection> injection =
          components.faults().draw(judge.id(), version, chosen.replica(), components.random());
      Timeline timeline =
          attemptTracker.attempt(judge.id(), version, chosen, injection, syntheticRequest.body());
      AnswerText judgeOutput = new AnswerText(MAX_CHARS);
      timeline.watchBy(new AnswerWatch(false, Optional.empty(), Optional.of(judgeOutput)));
      Relay relay = new Relay(job(attemptTracker, timeline, judgeOutput));
      relay.control(
          components
              .upstreams()
              .open(
                  chosen.key(),
                  UpstreamAuth.of(chosen.replica()),
                  (base, authority) ->
                      UpstreamRequests.own(
                          arrival.requestId(),
                          syntheticRequest.api(),
                          RequestBodyWriter.body(
                              syntheticRequest.body(),
                              syntheticRequest.parsedRequest(),
                              chosen.replica().servedModel()),
                          base,
                          authority,
                          "grading"),
                  ServiceAttempt.deadlines(
                      judge.timeouts(),
                      syntheticRequest.parsedRequest(),
                      Optional.of(nanosLeft()),
                      arrival.arrivalNanos()),
                  relay,
                  injection));
    }

    private RelayJob job(AttemptTracker attemptTracker, Timeline timeline, AnswerText judgeOutput) {
      return new RelayJob(
          new DiscardingClient(sampled.loop()),
          syntheticRequest.api().family().stream(),
          new Transcript(
              false,
              ServiceAttempt.resumeConstraints(
                  judge, syntheticRequest.api().family(), syntheticRequest.parsedRequest())),
          timeline,
          false,
          false,
          (_, headers) -> headers,
          (body, into) -> WholeAnswer.into(into, syntheticRequest.api().family(), body),
          error -> ContextLimit.exceeded(judge.stable().capabilities(), error),
          _ -> false,
          attemptTracker::firstToken,
          ending -> {
            attemptTracker.attemptEnded(ending);
            ended(ending, judgeOutput);
          },
          components.nanoTime());
    }

    private void ended(AttemptResult ending, AnswerText judgeOutput) {
      switch (ending) {
        case AttemptResult.Complete(int status, Optional<Failure> despite) -> {
          if (status / 100 == 2 && despite.isEmpty()) {
            answered(judgeOutput.text());
          } else {
            end(GradingQueue.Result.FAILED);
          }
        }
        case AttemptResult.FailedBeforeFirstByte(
                Failure failure,
                Optional<AttemptResult.Held> held) -> {
          held.ifPresent(AttemptResult.Held::release);
          failed(failure);
        }
        case AttemptResult.CutMidStream(Failure failure, _) -> failed(failure);
        case AttemptResult.Broken(Failure failure, _, Optional<ByteBuf> error) -> {
          error.ifPresent(ByteBuf::release);
          failed(failure);
        }
        case AttemptResult.Cancelled _ ->
            throw new IllegalStateException("a generated request has no client");
      }
    }

    private void answered(String judgeOutput) {
      OptionalInt grade = GradeReader.read(judgeOutput);
      if (late()) {
        end(GradingQueue.Result.LATE);
      } else if (grade.isPresent()) {
        end(GradingQueue.Result.GRADED);
        graded.accept(grade.getAsInt());
      } else {
        end(GradingQueue.Result.UNREADABLE);
      }
    }

    private void failed(Failure failure) {
      boolean retryable =
          failure.kind().unreachable() || failure.kind() == Failure.Kind.BACKPRESSURE;
      if (late()) {
        end(GradingQueue.Result.LATE);
      } else if (retryable && tried.size() < MAX_ATTEMPTS) {
        attempt();
      } else {
        end(GradingQueue.Result.FAILED);
      }
    }

    private void end(GradingQueue.Result how) {
      place.leave();
      components.gradings().ended(how);
    }
  }
}
