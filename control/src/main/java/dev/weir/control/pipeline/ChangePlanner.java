// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.AccessScope;
import dev.weir.control.access.AuthenticatedCaller;
import dev.weir.control.access.Permission;
import dev.weir.control.change.ChangePlan;
import dev.weir.control.pipeline.ManifestDecoder.Decoded;
import dev.weir.control.rollout.RolloutOperations;
import dev.weir.control.validation.EnvironmentRules;
import dev.weir.control.validation.ResourceLookup;
import dev.weir.model.ApiKey;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.value.Problem;
import dev.weir.store.Store;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Computes what an apply of several resources would change. A reader may request it, so it
/// requires the permission to read the resources instead of the permission to write them.
public final class ChangePlanner {
  private final ResourceLookup stored;
  private final WriteAccess access;
  private final WriteRules rules;
  private final RolloutOperations rollouts;

  /// The result.
  public sealed interface PlanResult {
    /// @param warnings one sentence each
    record Planned(ChangePlan plan, List<ReleasePreview> releases, List<String> warnings)
        implements PlanResult {
      public Planned {
        releases = List.copyOf(releases);
        warnings = List.copyOf(warnings);
      }
    }

    record Refused(Refusal refusal) implements PlanResult {}
  }

  public ChangePlanner(
      Store store,
      AccessControl accessControl,
      EnvironmentRules environment,
      RolloutOperations rollouts,
      InstantSource clock) {
    this.stored = ResourceLookup.of(store);
    this.access = new WriteAccess(store, accessControl);
    this.rules = new WriteRules(stored, environment, clock);
    this.rollouts = rollouts;
  }

  /// Writes nothing.
  ///
  /// @param body manifests, YAML or JSON
  public PlanResult plan(String body, AuthenticatedCaller caller) {
    Decoded decoded = ManifestDecoder.decode(body, "");
    List<Resource> set = decoded.resources();
    Optional<Refusal> refusal =
        decoded
            .empty()
            .or(() -> unreadable(caller, set))
            .or(() ->
                access.refusal(caller, set.stream().filter(ChangePlanner::namesPrincipal).toList()))
            .or(() -> invalid(decoded))
            .or(() -> rules.violated(set));
    if (refusal.isPresent()) {
      return new PlanResult.Refused(refusal.get());
    }
    ChangePlan plan = ChangePlan.of(set, stored);
    List<String> warnings = new ArrayList<>(rules.warnings(set));
    warnings.addAll(OutOfSyncWarnings.of(plan, stored));
    return new PlanResult.Planned(plan, ReleasePreview.of(plan, rollouts), warnings);
  }

  /// A plan shows what is stored, so the caller must be allowed to read each of its resources.
  private static Optional<Refusal> unreadable(AuthenticatedCaller caller, List<Resource> set) {
    List<Problem> hidden =
        set.stream()
            .filter(r ->
                !caller.may(
                    Permission.READ, AccessScope.reading(r.kind(), r.metadata().namespace())))
            .map(r -> new Problem("", r.ref().toString(), "needs the role viewer there"))
            .toList();
    return hidden.isEmpty() ? Optional.empty() : Optional.of(new Refusal.Forbidden(hidden));
  }

  /// The validation of such a resource reveals principals, which not every reader may know.
  private static boolean namesPrincipal(Resource resource) {
    return resource instanceof RoleBinding || resource instanceof ApiKey;
  }

  private static Optional<Refusal> invalid(Decoded decoded) {
    return decoded.problems().isEmpty()
        ? Optional.empty()
        : Optional.of(new Refusal.Invalid(decoded.problems()));
  }
}
