// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.model.Service;
import dev.weir.model.spec.GradingSpec;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import java.util.List;
import java.util.Optional;

/// Checks that the judge for the answers of a Service exists.
final class JudgeRules {
  private static final String JUDGE = "spec.release.analysis.grading.judge";

  private JudgeRules() {}

  static List<Problem> check(Service service, ResourceLookup view) {
    return service.spec().release().analysis().grading().map(GradingSpec::judge).stream()
        .flatMap(judge -> problem(service, judge, view).stream())
        .toList();
  }

  private static Optional<Problem> problem(Service service, String judge, ResourceLookup view) {
    ResourceRef ref = ResourceRef.of(Kind.SERVICE, service.metadata().namespace(), judge);
    if (ref.equals(service.ref())) {
      return Optional.of(
          new Problem(
              JUDGE,
              judge,
              "is this Service itself: during its release, either version could grade; set another"
                  + " Service"));
    }
    return view.get(ref).isEmpty()
        ? Optional.of(
            new Problem(
                JUDGE, judge, "there is no " + ref + "; create it first, or apply both together"))
        : Optional.empty();
  }
}
