// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import dev.weir.model.Policy;
import dev.weir.model.Resource;
import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.PolicySpec.OnRunning;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Warnings about policies whose freezes are active as soon as they are stored.
public final class ActiveFreezes {
  private ActiveFreezes() {}

  /// One warning for each freeze of the policies in the set that is active now.
  public static List<String> warnings(List<Resource> set, Instant now) {
    return set.stream()
        .filter(Policy.class::isInstance)
        .map(Policy.class::cast)
        .flatMap(policy ->
            policy.spec().freeze().stream().flatMap(one -> warning(policy, one, now).stream()))
        .toList();
  }

  private static Optional<String> warning(Policy policy, Freeze freeze, Instant now) {
    return FreezeWindow.end(freeze, now)
        .map(end ->
            "policy %s: freeze %s is active now, until %s: new releases %s wait%s"
                .formatted(
                    policy.metadata().name(),
                    freeze.name(),
                    end,
                    where(policy),
                    freeze.onRunning() == OnRunning.PAUSE ? ", running releases pause" : ""));
  }

  private static String where(Policy policy) {
    List<String> namespaces = policy.spec().namespaces();
    return namespaces.isEmpty()
        ? "in all namespaces"
        : "in namespaces " + String.join(", ", namespaces);
  }
}
