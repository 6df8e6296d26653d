// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.model.Route;
import dev.weir.model.spec.RouteSpec;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.Ceilings;
import dev.weir.snapshot.RoutingSnapshot.Fallback;
import dev.weir.snapshot.RoutingSnapshot.Mirror;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Compiles a Route for snapshots: one entry for each of its names.
final class RouteCompiler {
  private static final int MILLIONTHS = 1_000_000;

  private final String namespace;
  private final Set<String> services;

  private RouteCompiler(String namespace, Set<String> services) {
    this.namespace = namespace;
    this.services = services;
  }

  /// @param services ids of existing Services; backends that refer to others are left out
  static List<RouteEntry> compile(Route route, Set<String> services) {
    RouteEntry main = new RouteCompiler(route.metadata().namespace(), services).entry(route.spec());
    return Stream.concat(Stream.of(main), route.spec().aliases().stream().map(main::withAlias))
        .toList();
  }

  private RouteEntry entry(RouteSpec spec) {
    return new RouteEntry(
        spec.model(),
        namespace,
        backends(spec.backends()),
        spec.model(),
        spec.rules().stream().map(this::rule).toList(),
        spec.fallbacks().stream()
            .map(this::fallback)
            .filter(fallback -> services.contains(fallback.service()))
            .toList(),
        spec.mirror().stream()
            .map(this::mirror)
            .filter(mirror -> services.contains(mirror.service()))
            .toList(),
        ceilings(spec.timeouts()));
  }

  private static Ceilings ceilings(RouteSpec.Ceilings timeouts) {
    return new Ceilings(
        millis(timeouts.connect()),
        millis(timeouts.firstToken()),
        millis(timeouts.stall()),
        millis(timeouts.total()));
  }

  private static long millis(Optional<Duration> ceiling) {
    return ceiling.map(Duration::toMillis).orElse(0L);
  }

  private List<Backend> backends(List<RouteSpec.Backend> backends) {
    return backends.stream()
        .map(backend -> new Backend(id(backend.service()), backend.weight()))
        .filter(backend -> services.contains(backend.service()))
        .toList();
  }

  private Rule rule(RouteSpec.Rule rule) {
    return new Rule(rule.headers(), rule.tenants(), backends(rule.backends()));
  }

  private Fallback fallback(RouteSpec.Fallback fallback) {
    return new Fallback(
        id(fallback.service()),
        fallback.on().stream().map(RouteCompiler::cause).sorted().distinct().toList());
  }

  private Mirror mirror(RouteSpec.Mirror mirror) {
    return new Mirror(
        id(mirror.service()), (int) Math.round(mirror.share().fraction() * MILLIONTHS));
  }

  private String id(String service) {
    return namespace + "/" + service;
  }

  private static RoutingSnapshot.Cause cause(RouteSpec.Cause cause) {
    return switch (cause) {
      case DOWN -> RoutingSnapshot.Cause.DOWN;
      case SATURATED -> RoutingSnapshot.Cause.SATURATED;
      case CONTEXT_TOO_LONG -> RoutingSnapshot.Cause.CONTEXT_TOO_LONG;
    };
  }
}
