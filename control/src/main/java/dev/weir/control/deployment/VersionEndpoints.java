// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.observation.ResolvedNames;
import dev.weir.model.spec.ExternalEndpoints;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.value.VersionRef;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The endpoints of a version on an `external` target.
///
/// @param urls base URLs, one for each replica
/// @param problems with the resolution of host names
record VersionEndpoints(Set<URI> urls, List<String> problems) {
  private static final int FIRST_ORDINAL = 100_000;
  private static final int ORDINALS = 900_000;

  static VersionEndpoints of(Placement placement, VersionRef version, ResolvedNames names) {
    Set<URI> urls = new LinkedHashSet<>();
    List<String> problems = new ArrayList<>();
    for (URI entry : placement.endpoints().getOrDefault(version, List.of())) {
      if (ExternalEndpoints.isDnsName(entry)) {
        ResolvedNames.Found found = names.of(host(entry));
        found
            .addresses()
            .forEach(address -> urls.add(ExternalEndpoints.resolvedTo(entry, address)));
        found.problem().ifPresent(problems::add);
      } else {
        urls.add(ExternalEndpoints.canonical(entry));
      }
    }
    return new VersionEndpoints(urls, problems);
  }

  /// The host names of a placement that Weir must resolve.
  static Set<String> names(Placement placement) {
    Set<String> names = new LinkedHashSet<>();
    placement.endpoints().values().stream()
        .flatMap(List::stream)
        .filter(ExternalEndpoints::isDnsName)
        .forEach(entry -> names.add(host(entry)));
    return names;
  }

  /// A six-digit number derived from the URL. If two URLs collide, the second gets the next free
  /// number.
  static int ordinal(URI url) {
    return FIRST_ORDINAL
        + (int) (Long.parseLong(SpecHash.of(url.toString()).substring(0, 12), 16) % ORDINALS);
  }

  private static String host(URI entry) {
    return String.valueOf(entry.getHost()).toLowerCase(Locale.ROOT);
  }
}
