// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.model.AlertChannel;
import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.model.check.ForbiddenAddresses;
import dev.weir.model.notation.FieldPath;
import dev.weir.model.spec.ExternalEndpoints;
import dev.weir.model.spec.ReleaseSpec.ExternalMetric;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.value.Problem;
import dev.weir.runtime.NameResolver;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Rules that depend on the environment of this control plane: endpoints of Weir itself are
/// refused; names without an address cause a warning.
///
/// @param ownPorts Weir's own ports on this machine
public record EnvironmentRules(Supplier<Set<Integer>> ownPorts, NameResolver names) {
  /// The maximum time by which look-ups delay an apply.
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static final int MAX_NAMES = 32;

  /// Look-ups block.
  private static final Executor THREADS = Thread::startVirtualThread;

  /// An endpoint and its field path.
  private record Place(String path, URI endpoint) {
    String host() {
      return String.valueOf(endpoint.getHost()).toLowerCase(Locale.ROOT);
    }
  }

  /// Endpoints that are Weir's own listeners.
  public List<Problem> refusals(List<Resource> set) {
    var problems = new ArrayList<Problem>();
    for (Place place : places(set)) {
      int port = ExternalEndpoints.port(place.endpoint());
      if (isThisMachine(place.host()) && ownPorts.get().contains(port)) {
        problems.add(
            new Problem(
                place.path(),
                place.endpoint().toString(),
                "is Weir's own port " + port + "; use the port of the intended server"));
      }
    }
    return problems;
  }

  /// One line for each name that has no address or only forbidden ones. Looks names up
  /// concurrently, and omits those that take too long.
  public List<String> warnings(List<Resource> set) {
    Map<String, Place> byHost = new TreeMap<>();
    places(set).stream()
        .filter(place -> !ForbiddenAddresses.isLiteral(place.host()))
        .forEach(place -> byHost.putIfAbsent(place.host(), place));
    List<CompletableFuture<Optional<String>>> lookups =
        byHost.values().stream()
            .limit(MAX_NAMES)
            .map(place ->
                CompletableFuture.supplyAsync(() -> warning(place), THREADS)
                    .completeOnTimeout(Optional.empty(), TIMEOUT.toMillis(), TimeUnit.MILLISECONDS))
            .toList();
    return lookups.stream().flatMap(answer -> answer.join().stream()).toList();
  }

  private Optional<String> warning(Place place) {
    String where = place.path() + ": ";
    try {
      for (InetAddress address : names.lookUp(place.host())) {
        Optional<String> forbidden = ForbiddenAddresses.reason(address);
        if (forbidden.isPresent()) {
          return forbidden.map(
              what -> where + place.host() + " points to " + what + "; Weir will not call it");
        }
      }
      return Optional.empty();
    } catch (UnknownHostException e) {
      return Optional.of(
          where + place.host() + " cannot be looked up now; calls to it wait until it can");
    }
  }

  private static boolean isThisMachine(String host) {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    try {
      return InetAddress.ofLiteral(bare).isLoopbackAddress();
    } catch (IllegalArgumentException aName) {
      return host.equals("localhost") || host.endsWith(".localhost");
    }
  }

  private static List<Place> places(List<Resource> set) {
    var places = new ArrayList<Place>();
    for (Resource resource : set) {
      String prefix = Rules.prefix(resource, set.size());
      if (resource instanceof Service service) {
        List<Placement> placements = service.spec().placements();
        for (int i = 0; i < placements.size(); i++) {
          add(places, prefix + "spec.placements[" + i + "].endpoints", placements.get(i));
        }
        List<ExternalMetric> external = service.spec().release().analysis().external();
        for (int i = 0; i < external.size(); i++) {
          places.add(
              new Place(
                  prefix + "spec.release.analysis.external[" + i + "].prometheus.url",
                  external.get(i).prometheus().url()));
        }
      } else if (resource instanceof AlertChannel channel) {
        channel.spec().url().ifPresent(url -> places.add(new Place(prefix + "spec.url", url)));
      }
    }
    return places;
  }

  private static void add(List<Place> places, String path, Placement placement) {
    new TreeMap<>(placement.endpoints())
        .forEach((version, urls) -> {
          String list = FieldPath.child(path, version.toString());
          for (int i = 0; i < urls.size(); i++) {
            places.add(new Place(FieldPath.item(list, i), urls.get(i)));
          }
        });
  }
}
