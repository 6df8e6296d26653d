// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.ConcurrencySlot;
import dev.weir.gateway.admission.Limiter;
import dev.weir.gateway.admission.Permit;
import dev.weir.gateway.admission.RequestOptions;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FallbackTrace;
import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.route.FallbackChain;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.Optional;

/// Sends a request to the next service of its route that admits it at once. Requests queued at a
/// service go before fallback requests, so a fallback request never waits here.
final class ServiceFallback {
  private final RequestPipeline.Components components;
  private final RequestPipeline.AuthenticatedRequest in;
  private final ParsedRequest parsedRequest;
  private final RequestOptions requestOptions;
  private final int bodyBytes;
  private final FallbackChain chain;

  ServiceFallback(
      RequestPipeline.Components components,
      RequestPipeline.AuthenticatedRequest in,
      ParsedRequest parsedRequest,
      RequestOptions requestOptions,
      int bodyBytes,
      FallbackChain chain) {
    this.components = components;
    this.in = in;
    this.parsedRequest = parsedRequest;
    this.requestOptions = requestOptions;
    this.bodyBytes = bodyBytes;
    this.chain = chain;
  }

  FallbackTrace fallbackTrace() {
    return chain.fallbackTrace();
  }

  /// Chooses the service to try after a failure and acquires its bulkhead, limits and slot. A
  /// service that rejects the request counts as saturated, and the chain continues with that cause.
  ///
  /// @param release returns what the previous service granted; runs as soon as there is another
  ///   service to try, so that the key's limits count a request once
  Optional<ServiceAttempt> next(Failure failure, Runnable release) {
    Optional<Cause> cause = FallbackChain.cause(failure.kind());
    while (cause.isPresent()) {
      Optional<ServiceEntry> service =
          chain
              .next(cause.get(), id -> now(id).filter(in::supports).isPresent())
              .flatMap(this::now);
      if (service.isEmpty()) {
        return Optional.empty();
      }
      release.run();
      Optional<ServiceAttempt> serviceAttempt = enter(service.get());
      if (serviceAttempt.isPresent()) {
        return serviceAttempt;
      }
      cause = Optional.of(Cause.SATURATED);
    }
    return Optional.empty();
  }

  private Optional<ServiceEntry> now(String service) {
    return components.snapshots().current().service(service);
  }

  private Optional<ServiceAttempt> enter(ServiceEntry service) {
    long tokens = in.expectedTokens(parsedRequest, bodyBytes, service);
    return switch (components.limiter().admit(in.key(), service, tokens)) {
      case Limiter.LimitDecision.Refused _ -> Optional.empty();
      case Limiter.LimitDecision.Admitted(Permit permit) -> enter(service, permit);
    };
  }

  private Optional<ServiceAttempt> enter(ServiceEntry service, Permit permit) {
    Optional<ConcurrencySlot> concurrencySlot = components.admissionQueues().tryAcquire(service);
    concurrencySlot.ifPresent(permit::occupy);
    if (concurrencySlot.isPresent()
        && components.bulkheads().of(service.id()).enter(service.isolation().maxInFlight())) {
      return Optional.of(
          ServiceAttempt.of(
              service,
              permit,
              in.api().family(),
              parsedRequest,
              requestOptions,
              in.head().arrivedNanos()));
    }
    permit.cancel();
    return Optional.empty();
  }
}
