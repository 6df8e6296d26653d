// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.Fallback;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.Rule;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds the service behind a public model name. Stateless.
public final class Router {
  private Router() {}

  /// Whether the key may use this route: the key names it, by this name or by the name it is an
  /// alias of; or the key names no models and the route belongs to its tenant.
  public static boolean mayUse(KeyEntry key, RouteEntry route) {
    return key.models().isEmpty()
        ? route.tenant().equals(key.tenant())
        : key.models().contains(route.model()) || key.models().contains(route.route());
  }

  /// The route, or empty if it does not exist or the key may not use it: clients cannot distinguish
  /// the two.
  public static Optional<RouteEntry> match(IndexedSnapshot current, KeyEntry key, String model) {
    return current.route(model).filter(route -> mayUse(key, route));
  }

  /// The routes that a key may use, in the snapshot's order.
  public static List<RouteEntry> visible(IndexedSnapshot current, KeyEntry key) {
    return current.snapshot().routes().stream().filter(route -> mayUse(key, route)).toList();
  }

  /// Whether a service that may answer for the route has a ready replica, for at least some
  /// requests.
  public static boolean ready(IndexedSnapshot current, RouteEntry route) {
    Stream<String> configured =
        Stream.concat(Stream.of(route.backends()), route.rules().stream().map(Rule::backends))
            .flatMap(List::stream)
            .filter(backend -> backend.weight() > 0)
            .map(Backend::service);
    return Stream.concat(configured, route.fallbacks().stream().map(Fallback::service))
        .flatMap(id -> current.service(id).stream())
        .anyMatch(service -> !service.stable().replicas().isEmpty());
  }

  /// The backends of the first rule that matches the request, otherwise the route's own.
  public static List<Backend> backends(RouteEntry route, RequestOrigin caller) {
    return route.rules().stream()
        .filter(rule -> caller.matches(rule.headers(), rule.tenants()))
        .findFirst()
        .map(Rule::backends)
        .orElse(route.backends());
  }

  /// The backend that a unit maps to; empty if no backend with a positive weight exists.
  ///
  /// @param model the route's model name, which is the salt
  public static Optional<ServiceEntry> service(
      IndexedSnapshot current, String model, List<Backend> backends, RandomizationUnit unit) {
    List<Backend> present =
        backends.stream()
            .filter(
                backend -> backend.weight() > 0 && current.service(backend.service()).isPresent())
            .toList();
    long total = present.stream().mapToLong(Backend::weight).sum();
    if (present.size() <= 1) {
      return present.stream().findFirst().flatMap(b -> current.service(b.service()));
    }
    long point = unit.millionths("route:" + model) * total / 1_000_000;
    for (Backend backend : present) {
      point -= backend.weight();
      if (point < 0) {
        return current.service(backend.service());
      }
    }
    throw new IllegalStateException("no backend matched the weights of route " + model);
  }
}
