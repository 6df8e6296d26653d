// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.ApiKey;
import dev.weir.model.Principal;
import dev.weir.model.RoleBinding;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Compiles the keys that may call models: not revoked, not expired, of a Principal that exists, is
/// enabled and may call models in the namespace of the key. Any uncertainty denies.
final class KeyCompiler {
  private KeyCompiler() {}

  static List<KeyEntry> compile(ResourceSnapshot resourceSnapshot, Instant now) {
    Map<String, List<RoleBinding>> bindings =
        resourceSnapshot.bindings().values().stream()
            .collect(Collectors.groupingBy(binding -> binding.spec().principal()));
    return resourceSnapshot.keys().values().stream()
        .filter(key -> !key.spec().revoked())
        .filter(key -> key.spec().expiresAt().map(now::isBefore).orElse(true))
        .filter(key -> enabled(resourceSnapshot, key))
        .filter(key -> mayCall(bindings.getOrDefault(key.spec().principal(), List.of()), key))
        .map(KeyCompiler::entry)
        .sorted(Comparator.comparing(KeyEntry::hash))
        .toList();
  }

  private static boolean enabled(ResourceSnapshot resourceSnapshot, ApiKey key) {
    Principal principal =
        resourceSnapshot
            .principals()
            .get(ResourceRef.of(Kind.PRINCIPAL, "", key.spec().principal()));
    return principal != null && !principal.spec().disabled();
  }

  private static boolean mayCall(List<RoleBinding> bindings, ApiKey key) {
    String namespace = key.metadata().namespace();
    return bindings.stream()
        .filter(binding -> covers(binding, namespace))
        .anyMatch(binding -> calls(binding.spec().role()));
  }

  private static boolean covers(RoleBinding binding, String namespace) {
    return binding.spec().allNamespaces() || binding.metadata().namespace().equals(namespace);
  }

  private static boolean calls(Role role) {
    return switch (role) {
      case INFERENCE, ADMIN -> true;
      case VIEWER, DEPLOYER, APPROVER, GATEWAY -> false;
    };
  }

  private static KeyEntry entry(ApiKey key) {
    return new KeyEntry(
        key.spec().hash(),
        key.spec().principal(),
        key.metadata().namespace(),
        key.spec().expiresAt().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE),
        key.spec().models().stream().sorted().toList(),
        key.spec().pinVersion(),
        AdmissionCompiler.limits(key.spec().limits()),
        AdmissionCompiler.priority(key.spec().priority()));
  }
}
