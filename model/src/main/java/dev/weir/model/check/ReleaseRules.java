// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import dev.weir.model.notation.FieldPath;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.Match;
import dev.weir.model.spec.ReleaseSpec.Proof;
import dev.weir.model.spec.ReleaseSpec.RampSpec;
import dev.weir.model.spec.ReleaseSpec.RollingSpec;
import dev.weir.model.spec.ReleaseSpec.Step;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.value.Problem;
import java.util.List;
import java.util.function.Consumer;

/// Constraints between the fields of a release.
final class ReleaseRules {
  private ReleaseRules() {}

  static void release(String path, ReleaseSpec release, Consumer<Problem> problems) {
    steps(FieldPath.child(path, "steps"), release.steps(), problems);
    release
        .ramp()
        .filter(_ -> !release.steps().isEmpty())
        .ifPresent(_ ->
            problems.accept(
                FieldRule.problem(
                    FieldPath.child(path, "ramp"),
                    "together with " + FieldPath.child(path, "steps"),
                    "a canary has either a ramp or steps: remove one of them")));
    analysis(path, release, problems);
    if (release.strategy() == Strategy.ROLLING) {
      rolling(FieldPath.child(path, "rolling"), release.rolling(), problems);
    }
    if (release.strategy() == Strategy.SHADOW && release.shadow().sample().fraction() == 0) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(FieldPath.child(path, "shadow"), "sample"),
              release.shadow().sample(),
              "must be above 0%: without copies there is nothing to compare"));
    }
  }

  /// Steps with a match come first, then steps for all requests with increasing weights.
  private static void steps(String path, List<Step> steps, Consumer<Problem> problems) {
    for (int i = 1; i < steps.size(); i++) {
      Step before = steps.get(i - 1);
      Step step = steps.get(i);
      String place = FieldPath.item(path, i);
      if (!step.match().isEmpty() && before.match().isEmpty()) {
        problems.accept(
            FieldRule.problem(
                FieldPath.child(place, "match"),
                step.match().size() + " rules",
                "steps with a match must come before steps for all requests"));
      } else if (before.match().equals(step.match()) && !(step.weight() > before.weight())) {
        problems.accept(
            FieldRule.problem(
                FieldPath.child(place, "weight"),
                step.weight(),
                "must be above the weight of the previous step"));
      }
    }
  }

  static void ramp(String path, RampSpec ramp, Consumer<Problem> problems) {
    double before = 0;
    for (int i = 0; i < ramp.weights().size(); i++) {
      double weight = ramp.weights().get(i);
      if (!(weight > before && weight < 100)) {
        problems.accept(
            FieldRule.problem(
                FieldPath.item(FieldPath.child(path, "weights"), i),
                weight,
                "must be above the previous weight and below 100"));
      }
      before = weight;
    }
  }

  static void analysis(String path, ReleaseSpec release, Consumer<Problem> problems) {
    boolean matches = release.steps().stream().anyMatch(step -> !step.match().isEmpty());
    boolean ramps = release.ramps() || release.ramp().isPresent();
    if (ramps && release.analysis().proof().filter(Proof.STEP::equals).isPresent()) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(FieldPath.child(path, "analysis"), "proof"),
              "step",
              "a ramp needs one proof for the whole release: use release, or define steps"));
    }
    boolean wholeRelease = release.analysis().proof().filter(Proof.RELEASE::equals).isPresent();
    if (matches && wholeRelease) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(FieldPath.child(path, "analysis"), "proof"),
              "release",
              "steps with a match cover other requests than later steps, so each step needs its"
                  + " own proof: use step or remove the match"));
    }
  }

  static void step(String path, Step step, Consumer<Problem> problems) {
    boolean uncompared = !step.match().isEmpty() && !step.analysis();
    if (step.weight() >= 100 && !uncompared) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "weight"),
              step.weight(),
              "must be below 100, so that there is something to compare with; 100 is only for a"
                  + " step with match and with analysis: false"));
    }
    if (!step.analysis() && step.pause().isEmpty() && !step.gate()) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "analysis"),
              false,
              "a step without analysis needs a pause or a gate, or it would end at once"));
    }
  }

  static void match(String path, Match match, Consumer<Problem> problems) {
    if (match.headers().isEmpty() && match.tenants().isEmpty()) {
      problems.accept(FieldRule.problem(path, "", "matches every request: set headers or tenants"));
    }
  }

  private static void rolling(String path, RollingSpec rolling, Consumer<Problem> problems) {
    if (rolling.maxUnavailableGpus() == 0
        && rolling.maxSurgeGpus().filter(n -> n == 0).isPresent()) {
      problems.accept(
          FieldRule.problem(
              FieldPath.child(path, "maxSurgeGpus"),
              0,
              "no replica could start: allow some here or in maxUnavailableGpus"));
    }
  }
}
