// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.pipeline.ManifestDecoder.Decoded;
import dev.weir.control.policy.ActiveFreezes;
import dev.weir.control.validation.EnvironmentRules;
import dev.weir.control.validation.ResourceLookup;
import dev.weir.control.validation.Rules;
import dev.weir.control.validation.UnguardedServices;
import dev.weir.model.Resource;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Validates resources before a write.
final class WriteRules {
  private final ResourceLookup stored;
  private final EnvironmentRules environment;
  private final InstantSource clock;

  WriteRules(ResourceLookup stored, EnvironmentRules environment, InstantSource clock) {
    this.stored = stored;
    this.environment = environment;
    this.clock = clock;
  }

  /// The refusal of a decoded body. If a field is not valid, it also names the violated rules
  /// between resources, so that the caller sees all problems at once.
  Optional<Refusal> invalid(Decoded decoded) {
    var problems = new ArrayList<>(decoded.problems());
    problems.addAll(environment.refusals(decoded.resources()));
    if (problems.isEmpty()) {
      return Optional.empty();
    }
    problems.addAll(Rules.check(decoded.resources(), stored).all());
    return Optional.of(new Refusal.Invalid(problems.stream().distinct().toList()));
  }

  /// The refusal of a set that violates rules between resources. A commit checks the same rules
  /// again under the lock of the store.
  Optional<Refusal> violated(List<Resource> set) {
    Rules.Findings findings = Rules.check(set, stored);
    if (findings.clean()) {
      return Optional.empty();
    }
    return Optional.of(
        findings.invalid().isEmpty()
            ? new Refusal.NotAllowed(findings.all())
            : new Refusal.Invalid(findings.all()));
  }

  /// The refusal of a set that is not exactly the resource that the path names.
  static Optional<Refusal> notNamed(ResourceRef ref, List<Resource> set) {
    if (set.size() != 1) {
      return Optional.of(
          new Refusal.WrongBody(
              "the body must hold the one resource " + ref + ", not " + set.size()));
    }
    ResourceRef given = set.getFirst().ref();
    var problems = new ArrayList<Problem>();
    differs("kind", given.kind().text(), ref.kind().text(), problems);
    differs("metadata.namespace", given.namespace(), ref.namespace(), problems);
    differs("metadata.name", given.name(), ref.name(), problems);
    return problems.isEmpty() ? Optional.empty() : Optional.of(new Refusal.Invalid(problems));
  }

  /// Warnings about a valid set.
  List<String> warnings(List<Resource> set) {
    var warnings = new ArrayList<>(environment.warnings(set));
    warnings.addAll(UnguardedServices.warnings(set));
    warnings.addAll(freezeWarnings(set));
    return warnings;
  }

  private List<String> freezeWarnings(List<Resource> set) {
    return ActiveFreezes.warnings(set, clock.instant());
  }

  private static void differs(String path, String given, String named, List<Problem> problems) {
    if (!given.equals(named)) {
      problems.add(new Problem(path, given, "the path contains " + named));
    }
  }
}
