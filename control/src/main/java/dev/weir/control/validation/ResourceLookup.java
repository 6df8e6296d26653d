// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.model.Resource;
import dev.weir.model.Target;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Store;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The resources that rules read: as stored, or as they would be after a change.
public interface ResourceLookup {
  Optional<Resource> get(ResourceRef ref);

  /// All resources of the kind; an empty namespace means all.
  List<Resource> list(Kind kind, String namespace);

  default Optional<Target> target(String name) {
    return get(ResourceRef.of(Kind.TARGET, "", name)).map(Target.class::cast);
  }

  /// The stored resources. A caller that needs a consistent view must block writers meanwhile.
  static ResourceLookup of(Store store) {
    return new ResourceLookup() {
      @Override
      public Optional<Resource> get(ResourceRef ref) {
        return store.get(ref);
      }

      @Override
      public List<Resource> list(Kind kind, String namespace) {
        return store.list(kind, namespace);
      }
    };
  }

  /// This view with cached lists, because a check of many resources reads the same lists
  /// repeatedly. For one check, on one thread.
  default ResourceLookup cached() {
    ResourceLookup base = this;
    Map<List<Object>, List<Resource>> lists = new HashMap<>();
    return new ResourceLookup() {
      @Override
      public Optional<Resource> get(ResourceRef ref) {
        return base.get(ref);
      }

      @Override
      public List<Resource> list(Kind kind, String namespace) {
        return lists.computeIfAbsent(List.of(kind, namespace), _ -> base.list(kind, namespace));
      }
    };
  }

  /// This view with the given resources added or replaced, as if they were stored.
  default ResourceLookup with(Collection<? extends Resource> puts) {
    Map<ResourceRef, Resource> over =
        puts.stream()
            .collect(Collectors.toMap(Resource::ref, Function.identity(), (first, last) -> last));
    ResourceLookup base = this;
    return new ResourceLookup() {
      @Override
      public Optional<Resource> get(ResourceRef ref) {
        Optional<Resource> put = Optional.ofNullable(over.get(ref));
        return put.isPresent() ? put : base.get(ref);
      }

      @Override
      public List<Resource> list(Kind kind, String namespace) {
        Stream<Resource> kept =
            base.list(kind, namespace).stream().filter(r -> !over.containsKey(r.ref()));
        Stream<Resource> put =
            over.values().stream()
                .filter(r -> r.kind() == kind)
                .filter(r -> namespace.isEmpty() || r.metadata().namespace().equals(namespace));
        return Stream.concat(kept, put).sorted(Comparator.comparing(Resource::ref)).toList();
      }
    };
  }
}
