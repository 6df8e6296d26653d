// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.Permit;
import dev.weir.gateway.admission.Wishes;
import dev.weir.gateway.dialect.Family;
import dev.weir.gateway.exchange.Ask;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Terms;
import dev.weir.gateway.exchange.TokenIds;
import dev.weir.gateway.exchange.Transcript;
import dev.weir.gateway.upstream.Deadlines;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A request at one service that let it in.
record Leg(ServiceEntry service, Permit permit, Deadlines deadlines, Transcript transcript) {

  /// @param arrivalNanos from which the total deadline runs
  static Leg of(
      ServiceEntry service,
      Permit permit,
      Family family,
      Ask ask,
      Wishes wishes,
      long arrivalNanos) {
    boolean resume = service.resume() && wishes.resume();
    TokenIds ids = resume ? ids(service, ask) : TokenIds.IGNORED;
    Deadlines deadlines =
        deadlines(wishes.timeouts(service), ask, wishes.timeoutNanos(), arrivalNanos);
    Transcript transcript =
        new Transcript(resume && ask.continuable(), ids, terms(service, family, ask));
    return new Leg(service, permit, deadlines, transcript);
  }

  /// What the answer must keep to at this service.
  static Terms terms(ServiceEntry service, Family family, Ask ask) {
    return family.at(engine(service), ask.terms());
  }

  private static String engine(ServiceEntry service) {
    return service.stable().replicas().stream().findFirst().map(ReplicaEntry::engine).orElse("");
  }

  private static TokenIds ids(ServiceEntry service, Ask ask) {
    if (!ask.traceable()) {
      return TokenIds.IGNORED;
    }
    return switch (ask.ids()) {
      case WANTED -> TokenIds.SHOWN;
      case UNNAMED -> service.breaks().fromTokens() ? TokenIds.HIDDEN : TokenIds.IGNORED;
      case DECLINED -> TokenIds.IGNORED;
    };
  }

  /// @param wish the caller's own total, in nanoseconds
  static Deadlines deadlines(Timeouts timeouts, Ask ask, Optional<Long> wish, long arrivalNanos) {
    long own = TimeUnit.MILLISECONDS.toNanos(timeouts.totalMillis());
    long wished = wish.orElse(Long.MAX_VALUE);
    return new Deadlines(
        TimeUnit.MILLISECONDS.toNanos(timeouts.connectMillis()),
        TimeUnit.MILLISECONDS.toNanos(timeouts.firstTokenMillis()),
        ask.stream(),
        TimeUnit.MILLISECONDS.toNanos(timeouts.stallMillis()),
        arrivalNanos + Math.min(own, wished),
        wished < own ? Failure.Kind.CLIENT_DEADLINE : Failure.Kind.TOTAL_TIMEOUT);
  }

  /// Whether a replica is asked for token ids that the client is not shown.
  boolean asksForIds(Family family, ReplicaEntry replica) {
    return transcript.ids() == TokenIds.HIDDEN && family.traceable(replica.engine());
  }

  /// The same, over no later than the request was to be over before.
  Leg within(Deadlines before) {
    return new Leg(service, permit, deadlines.within(before), transcript);
  }
}
