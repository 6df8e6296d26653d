// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import dev.weir.model.notation.FieldPath;
import dev.weir.model.spec.PolicySpec;
import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.PolicySpec.Weekly;
import dev.weir.model.value.Problem;
import java.util.List;
import java.util.function.Consumer;

/// Constraints between the fields of a Policy.
final class PolicyRules {
  private PolicyRules() {}

  static void names(String path, PolicySpec policy, Consumer<Problem> problems) {
    List<String> names = policy.freeze().stream().map(Freeze::name).toList();
    for (int i = 0; i < names.size(); i++) {
      if (names.indexOf(names.get(i)) < i) {
        String place = FieldPath.item(FieldPath.child(path, "freeze"), i);
        problems.accept(
            FieldRule.problem(
                FieldPath.child(place, "name"),
                names.get(i),
                "is already the name of another freeze"));
      }
    }
  }

  static void freeze(String path, Freeze freeze, Consumer<Problem> problems) {
    boolean once = freeze.from().isPresent() && freeze.until().isPresent();
    boolean neither = freeze.from().isEmpty() && freeze.until().isEmpty();
    if (freeze.weekly().isPresent() ? !neither : !once) {
      problems.accept(
          FieldRule.problem(path, freeze.name(), "must have either weekly, or from and until"));
    } else if (once && !freeze.from().get().isBefore(freeze.until().get())) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "until"),
              freeze.until().get().toString(),
              "must be later than from"));
    }
  }

  static void weekly(String path, Weekly weekly, Consumer<Problem> problems) {
    if (weekly.from().equals(weekly.to())) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "to"),
              weekly.to(),
              "must differ from `from`; a whole day is 00:00 to 24:00"));
    }
  }
}
