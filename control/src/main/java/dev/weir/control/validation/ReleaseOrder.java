// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.model.Service;
import dev.weir.model.ServiceRefs;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Checks `release.after`: each named Service exists, and the names form no cycle, because the
/// Services in a cycle would wait for each other indefinitely.
final class ReleaseOrder {
  private final Service service;
  private final ResourceLookup view;

  private ReleaseOrder(Service service, ResourceLookup view) {
    this.service = service;
    this.view = view;
  }

  static List<Problem> check(Service service, ResourceLookup view) {
    return new ReleaseOrder(service, view).check();
  }

  private List<Problem> check() {
    List<Problem> problems = new ArrayList<>();
    List<String> after = service.spec().release().after();
    Set<ResourceRef> seen = new HashSet<>();
    for (int i = 0; i < after.size(); i++) {
      ResourceRef first = ServiceRefs.of(after.get(i), service.metadata().namespace());
      if (seen.add(first)) {
        problem("spec.release.after[" + i + "]", after.get(i), first).ifPresent(problems::add);
      }
    }
    return problems;
  }

  private Optional<Problem> problem(String path, String value, ResourceRef first) {
    if (view.get(first).isEmpty()) {
      return Optional.of(
          new Problem(
              path, value, "there is no " + first + "; create it first, or apply both together"));
    }
    List<ResourceRef> cycle = cycle(first);
    return cycle.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Problem(
                path,
                value,
                "forms a cycle of Services that would wait for each other: %s; remove one of them"
                    .formatted(
                        cycle.stream()
                            .map(ref -> ref.namespace() + "/" + ref.name())
                            .collect(Collectors.joining(" after ")))));
  }

  /// The shortest cycle from the Service through `first`; empty if there is none.
  private List<ResourceRef> cycle(ResourceRef first) {
    Map<ResourceRef, ResourceRef> before = new HashMap<>(Map.of(first, service.ref()));
    Deque<ResourceRef> open = new ArrayDeque<>(List.of(first));
    while (!open.isEmpty()) {
      ResourceRef at = open.remove();
      if (at.equals(service.ref())) {
        return path(before, at);
      }
      for (ResourceRef next : after(at)) {
        if (before.putIfAbsent(next, at) == null) {
          open.add(next);
        }
      }
    }
    return List.of();
  }

  private static List<ResourceRef> path(Map<ResourceRef, ResourceRef> before, ResourceRef end) {
    List<ResourceRef> path = new ArrayList<>(List.of(end));
    ResourceRef at = before.getOrDefault(end, end);
    while (!at.equals(end)) {
      path.addFirst(at);
      at = before.getOrDefault(at, end);
    }
    path.addFirst(end);
    return path;
  }

  private List<ResourceRef> after(ResourceRef ref) {
    return view.get(ref)
        .map(Service.class::cast)
        .map(found -> ServiceRefs.after(found.spec().release(), ref.namespace()))
        .orElseGet(List::of);
  }
}
