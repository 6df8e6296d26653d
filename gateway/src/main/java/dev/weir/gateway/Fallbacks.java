// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.Limiter;
import dev.weir.gateway.admission.Permit;
import dev.weir.gateway.admission.Seat;
import dev.weir.gateway.admission.Wishes;
import dev.weir.gateway.exchange.Ask;
import dev.weir.gateway.exchange.Detours;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.route.FallbackChain;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.Optional;

/// Takes one request to the next service of its route that lets it in at once. Who lines up at a
/// service comes before who was sent there, so nobody waits here.
final class Fallbacks {
  private final RequestPipeline.Parts parts;
  private final RequestPipeline.Incoming in;
  private final Ask ask;
  private final Wishes wishes;
  private final int bodyBytes;
  private final FallbackChain chain;

  Fallbacks(
      RequestPipeline.Parts parts,
      RequestPipeline.Incoming in,
      Ask ask,
      Wishes wishes,
      int bodyBytes,
      FallbackChain chain) {
    this.parts = parts;
    this.in = in;
    this.ask = ask;
    this.wishes = wishes;
    this.bodyBytes = bodyBytes;
    this.chain = chain;
  }

  Detours detours() {
    return chain.detours();
  }

  /// The service that is asked after such a failure, entered: its bulkhead, limits and room. One
  /// that turns the request away is saturated, and the chain goes on for that cause.
  ///
  /// @param held gives back what the service before lent, run as soon as there is another to ask,
  ///   so that limits of the key count a request once
  Optional<Leg> next(Failure failure, Runnable held) {
    Optional<Cause> cause = FallbackChain.cause(failure.kind());
    while (cause.isPresent()) {
      Optional<ServiceEntry> service =
          chain.next(cause.get(), id -> now(id).filter(in::speaks).isPresent()).flatMap(this::now);
      if (service.isEmpty()) {
        return Optional.empty();
      }
      held.run();
      Optional<Leg> leg = enter(service.get());
      if (leg.isPresent()) {
        return leg;
      }
      cause = Optional.of(Cause.SATURATED);
    }
    return Optional.empty();
  }

  private Optional<ServiceEntry> now(String service) {
    return parts.snapshots().current().service(service);
  }

  private Optional<Leg> enter(ServiceEntry service) {
    long tokens = in.expectedTokens(ask, bodyBytes, service);
    return switch (parts.limiter().admit(in.key(), service, tokens)) {
      case Limiter.Verdict.Refused _ -> Optional.empty();
      case Limiter.Verdict.Admitted(Permit permit) -> enter(service, permit);
    };
  }

  private Optional<Leg> enter(ServiceEntry service, Permit permit) {
    Optional<Seat> seat = parts.rooms().seatNow(service);
    seat.ifPresent(permit::sit);
    if (seat.isPresent()
        && parts.bulkheads().of(service.id()).enter(service.isolation().maxInFlight())) {
      return Optional.of(
          Leg.of(service, permit, in.api().family(), ask, wishes, in.head().arrivedNanos()));
    }
    permit.giveBack();
    return Optional.empty();
  }
}
