// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.HeaderView;
import dev.weir.snapshot.RoutingSnapshot.Ceilings;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.Priority;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import java.util.Map;
import java.util.Optional;

/// Options that the client requests in headers, limited to what its key and its route permit.
///
/// @param version the pinned version
/// @param timeoutNanos may lower the total timeout, never raise it
/// @param priority at most the key's
/// @param resume false if the client prefers an error to a continued stream
/// @param ceilings the route's own
public record RequestOptions(
    Optional<String> version,
    Optional<Long> timeoutNanos,
    Priority priority,
    boolean resume,
    Ceilings ceilings) {
  private static final String VERSION = "x-weir-version";
  private static final String TIMEOUT = "x-weir-timeout";
  private static final String PRIORITY = "x-weir-priority";
  private static final String RESUME = "x-weir-resume";
  private static final Map<String, Priority> PRIORITIES =
      Map.of("high", Priority.HIGH, "normal", Priority.NORMAL, "low", Priority.LOW);
  private static final double MAX_TIMEOUT_SECONDS = 86_400;

  /// The result of reading the headers.
  public sealed interface Result {
    record Granted(RequestOptions requestOptions) implements Result {}

    record Refused(Failure failure) implements Result {}
  }

  public static Result read(HeaderView headers, KeyEntry key, RouteEntry route) {
    Optional<String> version = headers.first(VERSION);
    if (version.isPresent() && !key.pinVersion()) {
      return refused(Failure.Kind.FORBIDDEN, "this key may not choose the version");
    }
    boolean resume = headers.first(RESUME).filter("off"::equalsIgnoreCase).isEmpty();
    Optional<String> timeout = headers.first(TIMEOUT);
    Optional<Long> nanos = timeout.flatMap(RequestOptions::nanos);
    if (timeout.isPresent() && nanos.isEmpty()) {
      return refused(Failure.Kind.BAD_REQUEST, TIMEOUT + " must be a number of seconds above 0");
    }
    Optional<String> requested = headers.first(PRIORITY);
    if (requested.isPresent() && !PRIORITIES.containsKey(requested.get())) {
      return refused(Failure.Kind.BAD_REQUEST, PRIORITY + " must be high, normal or low");
    }
    Priority priority =
        atMost(key.priority(), requested.map(PRIORITIES::get).orElse(key.priority()));
    return new Result.Granted(
        new RequestOptions(version, nanos, priority, resume, route.ceilings()));
  }

  /// The timeouts of a request at a service, without the client's own.
  public Timeouts timeouts(ServiceEntry service) {
    return ceilings.over(service.timeouts());
  }

  private static Priority atMost(Priority highest, Priority requested) {
    return requested.compareTo(highest) < 0 ? highest : requested;
  }

  private static Result refused(Failure.Kind kind, String message) {
    return new Result.Refused(new Failure(kind, message));
  }

  private static Optional<Long> nanos(String seconds) {
    try {
      double value = Double.parseDouble(seconds);
      boolean inRange = value > 0 && value <= MAX_TIMEOUT_SECONDS;
      return inRange ? Optional.of((long) (value * 1e9)) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
