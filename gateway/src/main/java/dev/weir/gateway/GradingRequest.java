// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.dialect.Api;
import dev.weir.gateway.dialect.AskWriter;
import dev.weir.gateway.dialect.ContextLimit;
import dev.weir.gateway.dialect.WholeAnswer;
import dev.weir.gateway.exchange.AnswerText;
import dev.weir.gateway.exchange.AnswerWatch;
import dev.weir.gateway.exchange.Arrival;
import dev.weir.gateway.exchange.Decision;
import dev.weir.gateway.exchange.Ending;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Injection;
import dev.weir.gateway.exchange.Recorder;
import dev.weir.gateway.exchange.Timeline;
import dev.weir.gateway.exchange.Transcript;
import dev.weir.gateway.grade.GradeReader;
import dev.weir.gateway.grade.JudgePrompt;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import dev.weir.gateway.upstream.Manner;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntConsumer;

/// One answer at its judge: a request that the gateway makes itself, of the judge's stable version.
/// Nothing of it reaches limits, records or metrics of the judge's service; only the replica's
/// health remembers how it went. A replica that cannot be reached or is full is left for one other.
final class GradingRequest {
  private static final int MAX_ATTEMPTS = 2;

  /// Of what a judge says, which may think aloud before its grade.
  private static final int MOST_CHARS = 65_536;

  private final RequestPipeline.Parts parts;
  private final Sampled sampled;
  private final String answer;
  private final long deadlineNanos;
  private final IntConsumer graded;
  private final Set<String> tried = new HashSet<>();

  /// @param answer text of it
  /// @param deadlineNanos monotonic; what comes later is not told
  /// @param graded takes the grade in thousandths, on the request's event loop
  GradingRequest(Sampled sampled, String answer, long deadlineNanos, IntConsumer graded) {
    this.parts = sampled.parts();
    this.sampled = sampled;
    this.answer = answer;
    this.deadlineNanos = deadlineNanos;
    this.graded = graded;
  }

  /// Id of the service that judges.
  String judge() {
    return sampled.rules().judge();
  }

  /// Whether its time is over.
  boolean late() {
    return nanosLeft() <= 0;
  }

  private long nanosLeft() {
    return deadlineNanos - parts.nanoTime().getAsLong();
  }

  /// Begins if it may. Called on any thread.
  ///
  /// @return false while there is no room for it; else there is nothing more to wait for
  boolean begins() {
    Optional<ServiceEntry> judge = parts.snapshots().current().service(judge());
    if (late() || judge.isEmpty()) {
      parts.gradings().ended(late() ? Gradings.Result.LATE : Gradings.Result.FAILED);
      return true;
    }
    Optional<Gradings.Place> place = parts.gradings().place(parts, judge.get());
    place.ifPresent(taken -> sampled.loop().execute(() -> send(judge.get(), taken)));
    return place.isPresent();
  }

  // --- on the request's event loop

  private void send(ServiceEntry judge, Gradings.Place place) {
    byte[] json =
        JudgePrompt.body(judge.name(), sampled.rules(), sampled.question(), answer, parts.random());
    Question question = Question.of(Api.CHAT, json).orElseThrow();
    new AtJudge(judge, question, place).attempt();
  }

  /// The attempts, from when there is a place to when it is left.
  private final class AtJudge {
    private final ServiceEntry judge;
    private final Question question;
    private final Gradings.Place place;

    AtJudge(ServiceEntry judge, Question question, Gradings.Place place) {
      this.judge = judge;
      this.question = question;
      this.place = place;
    }

    void attempt() {
      parts
          .balancer()
          .pick(judge, judge.stable(), tried, parts.random())
          .ifPresentOrElse(this::attempt, () -> end(Gradings.Result.FAILED));
    }

    private void attempt(Balancer.Pick chosen) {
      tried.add(chosen.replica().name());
      Arrival arrival =
          question.arrival(
              parts, Decision.undrawn(judge), parts.snapshots().current(), /* graded= */ false);
      Ledger ledger = new Ledger(Recorder.UNRECORDED, arrival, Optional.empty(), parts.nanoTime());
      String version = judge.stable().version();
      Optional<Injection> injection =
          parts.faults().draw(judge.id(), version, chosen.replica(), parts.random());
      Timeline timeline = ledger.attempt(judge.id(), version, chosen, injection);
      AnswerText said = new AnswerText(MOST_CHARS);
      timeline.watchBy(new AnswerWatch(false, Optional.empty(), Optional.of(said)));
      Relay relay = new Relay(job(ledger, timeline, said));
      relay.control(
          parts
              .upstreams()
              .open(
                  chosen.key(),
                  Manner.of(chosen.replica()),
                  (base, authority) ->
                      Outgoing.own(
                          arrival.requestId(),
                          question.api(),
                          AskWriter.body(
                              question.body(), question.ask(), chosen.replica().servedModel()),
                          base,
                          authority,
                          "grading"),
                  Leg.deadlines(
                      judge.timeouts(),
                      question.ask(),
                      Optional.of(nanosLeft()),
                      arrival.arrivalNanos()),
                  relay,
                  injection));
    }

    private RelayJob job(Ledger ledger, Timeline timeline, AnswerText said) {
      return new RelayJob(
          new NoClient(sampled.loop()),
          question.api().family().stream(),
          new Transcript(false, Leg.terms(judge, question.api().family(), question.ask())),
          timeline,
          false,
          false,
          (_, headers) -> headers,
          (body, into) -> WholeAnswer.into(into, question.api().family(), body),
          ContextLimit::exceeded,
          _ -> false,
          ledger::firstToken,
          ending -> {
            ledger.attemptEnded(ending);
            ended(ending, said);
          },
          parts.nanoTime());
    }

    private void ended(Ending ending, AnswerText said) {
      switch (ending) {
        case Ending.Complete(int status, Optional<Failure> despite) -> {
          if (status / 100 == 2 && despite.isEmpty()) {
            answered(said.text());
          } else {
            end(Gradings.Result.FAILED);
          }
        }
        case Ending.FailedBeforeFirstByte(Failure failure, Optional<Ending.Held> held) -> {
          held.ifPresent(Ending.Held::release);
          failed(failure);
        }
        case Ending.CutMidStream(Failure failure, _) -> failed(failure);
        case Ending.Broken(Failure failure, _, Optional<ByteBuf> error) -> {
          error.ifPresent(ByteBuf::release);
          failed(failure);
        }
        case Ending.Cancelled _ ->
            throw new IllegalStateException("nobody is there who could go away");
      }
    }

    private void answered(String said) {
      OptionalInt grade = GradeReader.read(said);
      if (late()) {
        end(Gradings.Result.LATE);
      } else if (grade.isPresent()) {
        end(Gradings.Result.GRADED);
        graded.accept(grade.getAsInt());
      } else {
        end(Gradings.Result.UNREADABLE);
      }
    }

    private void failed(Failure failure) {
      boolean elsewhere =
          failure.kind().unreachable() || failure.kind() == Failure.Kind.BACKPRESSURE;
      if (late()) {
        end(Gradings.Result.LATE);
      } else if (elsewhere && tried.size() < MAX_ATTEMPTS) {
        attempt();
      } else {
        end(Gradings.Result.FAILED);
      }
    }

    private void end(Gradings.Result how) {
      place.leave();
      parts.gradings().ended(how);
    }
  }
}
