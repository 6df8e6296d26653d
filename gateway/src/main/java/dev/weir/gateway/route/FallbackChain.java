// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FallbackTrace;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.RoutingSnapshot.Fallback;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The remaining fallback services of one request, by the cause of the last failure. Each service
/// is used at most once, so the chain ends. Used on one event loop.
public final class FallbackChain {
  private final String route;
  private final List<Fallback> fallbacks;
  private final Set<String> used = new HashSet<>();
  private final List<Cause> causes = new ArrayList<>();

  /// @param route the route's model name
  /// @param fallbacks in order of preference
  /// @param first id of the service first chosen; empty if there was none
  public FallbackChain(String route, List<Fallback> fallbacks, String first) {
    this.route = route;
    this.fallbacks = List.copyOf(fallbacks);
    used.add(first);
  }

  /// Removes the next service for this cause from the chain.
  ///
  /// @param able whether a service could answer at all, by its id
  /// @return its id
  public Optional<String> next(Cause cause, Predicate<String> able) {
    Optional<String> next =
        fallbacks.stream()
            .filter(fallback -> fallback.on().contains(cause))
            .map(Fallback::service)
            .filter(service -> !used.contains(service) && able.test(service))
            .findFirst();
    next.ifPresent(service -> {
      used.add(service);
      causes.add(cause);
    });
    return next;
  }

  /// The fallbacks so far.
  public FallbackTrace fallbackTrace() {
    return new FallbackTrace(route, causes);
  }

  /// The cause for which another service may be tried after such a failure; empty if no service
  /// would answer better, or in time.
  public static Optional<Cause> cause(Failure.Kind kind) {
    return switch (kind) {
      case BACKPRESSURE, SERVICE_FULL, OVERLOADED, RATE_LIMITED -> Optional.of(Cause.SATURATED);
      case CONTEXT_TOO_LONG -> Optional.of(Cause.CONTEXT_TOO_LONG);
      case NO_REPLICA -> Optional.of(Cause.DOWN);
      default -> kind.retryable() ? Optional.of(Cause.DOWN) : Optional.empty();
    };
  }
}
