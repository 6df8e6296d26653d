// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.control.access.AuthenticatedCaller.Grant;
import dev.weir.model.ApiKey;
import dev.weir.model.Principal;
import dev.weir.model.RoleBinding;
import dev.weir.model.value.Kind;
import dev.weir.store.Store;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Keys, principals and bindings, indexed for one look-up per call.
///
/// @param revision the index contains every change up to it, and possibly later ones
record AccessIndex(
    long revision,
    Map<String, ApiKey> keysByHash,
    Map<String, Principal> principals,
    Map<String, List<Grant>> grants) {
  private static final Set<Kind> KINDS = Set.of(Kind.API_KEY, Kind.PRINCIPAL, Kind.ROLE_BINDING);

  static AccessIndex compile(Store store) {
    // The revision first: a change between the two reads is then at worst indexed again.
    long revision = store.revision();
    Map<String, ApiKey> keys = new HashMap<>();
    store.list(Kind.API_KEY, "").stream()
        .map(ApiKey.class::cast)
        .forEach(key -> keys.put(key.spec().hash(), key));
    Map<String, Principal> principals = new HashMap<>();
    store.list(Kind.PRINCIPAL, "").stream()
        .map(Principal.class::cast)
        .forEach(p -> principals.put(p.metadata().name(), p));
    Map<String, List<Grant>> grants =
        store.list(Kind.ROLE_BINDING, "").stream()
            .map(RoleBinding.class::cast)
            .collect(
                Collectors.groupingBy(
                    b -> b.spec().principal(),
                    Collectors.mapping(AccessIndex::grant, Collectors.toUnmodifiableList())));
    return new AccessIndex(revision, keys, principals, grants);
  }

  static Grant grant(RoleBinding binding) {
    return new Grant(
        binding.spec().role(), binding.metadata().namespace(), binding.spec().allNamespaces());
  }

  /// This index, or a newer one if a key, principal or binding has changed since.
  AccessIndex upTo(Store store) {
    long now = store.revision();
    if (now == revision) {
      return this;
    }
    return store.changes(revision, KINDS, 1).isEmpty()
        ? new AccessIndex(now, keysByHash, principals, grants)
        : compile(store);
  }

  List<Grant> grantsOf(String principal) {
    return grants.getOrDefault(principal, List.of());
  }

  Optional<ApiKey> key(String hash) {
    return Optional.ofNullable(keysByHash.get(hash));
  }

  boolean enabled(String principal) {
    Principal found = principals.get(principal);
    return found != null && !found.spec().disabled();
  }
}
