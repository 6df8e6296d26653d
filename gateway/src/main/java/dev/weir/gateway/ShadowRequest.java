// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.dialect.AskWriter;
import dev.weir.gateway.dialect.ContextLimit;
import dev.weir.gateway.dialect.WholeAnswer;
import dev.weir.gateway.exchange.Arrival;
import dev.weir.gateway.exchange.Ask;
import dev.weir.gateway.exchange.Detours;
import dev.weir.gateway.exchange.Ending;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Injection;
import dev.weir.gateway.exchange.Recorder;
import dev.weir.gateway.exchange.Timeline;
import dev.weir.gateway.exchange.Transcript;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import dev.weir.gateway.upstream.Manner;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The copy of a request that the version under test gets while the stable version answers. Its
/// answer is read by the very relay that reads clients' answers, and thrown away, so that it is
/// measured as a canary's would be: same deadlines, same reading, one attempt.
///
/// The request itself knows nothing of it. The copy knows one thing of the request: a client that
/// leaves ends both, for it would have left the canary's answer too; if copies ran on, only answers
/// of the canary would be seen that are longer than clients wait.
final class ShadowRequest {
  private final RequestPipeline.Parts parts;
  private final RequestPipeline.Incoming in;
  private final ByteBuf body;
  private final Ask ask;
  private final Leg leg;
  private final Transcript transcript;
  private final Arrival original;
  private final Optional<Sampled> sampled;
  private final Recorder.Ticket ticket;
  private final String traceparent;
  private final Consumer<String> told;
  private @Nullable Relay relay;
  private boolean gone;
  private boolean asksForIds;

  /// @param body retained for the copy, released when it ends
  /// @param leg of the request: its deadlines are the copy's too
  /// @param original how the request itself arrived
  /// @param sampled whose answers a judge is to grade, the copy's too
  /// @param ticket follows the copy
  /// @param told how it ended, in a word; see [Shadows#counts]
  ShadowRequest(
      RequestPipeline.Parts parts,
      RequestPipeline.Incoming in,
      ByteBuf body,
      Ask ask,
      Leg leg,
      Arrival original,
      Optional<Sampled> sampled,
      Recorder.Ticket ticket,
      String traceparent,
      Consumer<String> told) {
    this.parts = parts;
    this.in = in;
    this.body = body;
    this.ask = ask;
    this.leg = leg;
    this.transcript = new Transcript(false, leg.transcript().ids(), leg.transcript().terms());
    this.original = original;
    this.sampled = sampled;
    this.ticket = ticket;
    this.traceparent = traceparent;
    this.told = told;
  }

  /// Sends it. Its time runs from now: that it had to wait for the request itself to be sent is no
  /// doing of its engine's.
  void send() {
    Arrival arrival = original.ofCopy(parts.nanoTime().getAsLong());
    Ledger own = new Ledger(ticket, arrival, sampled, parts.nanoTime());
    if (gone) {
      finish(own, new Ending.Cancelled());
      return;
    }
    parts
        .balancer()
        .pick(leg.service(), arrival.decision().arm(), Set.of(), parts.random())
        .ifPresentOrElse(chosen -> attempt(own, arrival, chosen), () -> nobody(own, arrival));
  }

  /// A version without replicas fails its copies, as it would fail its requests.
  private void nobody(Ledger own, Arrival arrival) {
    Failure failure =
        TriedReplicas.none(
            arrival.decision().arm().version(),
            parts.balancer().told(leg.service(), arrival.decision().arm()));
    own.nothingToAttempt(failure);
    finish(own, new Ending.FailedBeforeFirstByte(failure, Optional.empty()));
  }

  private void attempt(Ledger own, Arrival arrival, Balancer.Pick chosen) {
    String version = arrival.decision().arm().version();
    Optional<Injection> injection =
        parts.faults().draw(leg.service().id(), version, chosen.replica(), parts.random());
    Timeline timeline = own.attempt(leg.service().id(), version, chosen, injection);
    if (arrival.decision().membership().recorded()) {
      timeline.watchBy(ask.watch(true, arrival.graded()));
    }
    Relay next = new Relay(job(own, timeline));
    relay = next;
    AnswerWait wait = AnswerWait.of(parts, in, ask, body, leg, chosen);
    own.waitBy(
        wait.bounded(() -> {
          own.overdue(true);
          next.giveUp(wait.failure());
        }));
    next.control(
        parts
            .upstreams()
            .open(
                chosen.key(),
                Manner.of(chosen.replica()),
                (base, authority) -> request(chosen.replica(), base, authority),
                leg.deadlines(),
                next,
                injection));
  }

  private FullHttpRequest request(ReplicaEntry replica, String base, String authority) {
    asksForIds = methods().asksForIds(leg, replica);
    ByteBuf sent =
        asksForIds
            ? AskWriter.bodyWithIds(body, ask, replica.servedModel())
            : AskWriter.body(body, ask, replica.servedModel());
    FullHttpRequest copy = Outgoing.request(in, in.api().path(), sent, base, authority);
    return Outgoing.traced(Outgoing.marked(copy), traceparent);
  }

  private RelayJob job(Ledger own, Timeline timeline) {
    return new RelayJob(
        new NoClient(in.refusal().client().loop()),
        in.api().family().stream(),
        transcript,
        timeline,
        false,
        false,
        (_, _) -> EmptyHttpHeaders.INSTANCE,
        (whole, into) -> WholeAnswer.into(into, in.api().family(), whole),
        ContextLimit::exceeded,
        error -> asksForIds && AskWriter.namesIds(error),
        own::firstToken,
        ending -> ended(own, ending),
        parts.nanoTime());
  }

  private ContinuationMethods methods() {
    return new ContinuationMethods(
        parts.continuations(),
        in.api().family(),
        leg.service().id(),
        original.decision().ofCopy().arm());
  }

  private void ended(Ledger own, Ending ending) {
    relay = null;
    if (ending instanceof Ending.FailedBeforeFirstByte failed
        && failed.failure().kind() == Failure.Kind.UNSUPPORTED_BY_ENGINE) {
      methods().unsupported(Optional.empty());
    }
    own.attemptEnded(ending);
    finish(own, ending);
  }

  private void finish(Ledger own, Ending ending) {
    own.finished(
        status(ending), Optional.empty(), transcript, new Detours(original.model(), List.of()));
    release(ending);
    body.release();
    told.accept(parts.shadows().left(leg.service().id(), ending));
  }

  private static int status(Ending ending) {
    return switch (ending) {
      case Ending.Complete complete -> complete.status();
      case Ending.FailedBeforeFirstByte failed -> failed.failure().kind().status();
      case Ending.CutMidStream _, Ending.Broken _ -> 200;
      case Ending.Cancelled _ -> Failure.Kind.CLIENT_GONE.status();
    };
  }

  private static void release(Ending ending) {
    switch (ending) {
      case Ending.FailedBeforeFirstByte failed -> failed.answer().ifPresent(Ending.Held::release);
      case Ending.Broken broken -> broken.engineError().ifPresent(ByteBuf::release);
      case Ending.Complete _, Ending.CutMidStream _, Ending.Cancelled _ -> {}
    }
  }

  /// The client of the request itself left before its answer ended.
  void clientGone() {
    gone = true;
    Relay running = relay;
    if (running != null) {
      running.gone();
    }
  }
}
