// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.release;

import dev.weir.model.Rollout;
import dev.weir.model.release.Stage.Proof;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.BlueGreenSpec;
import dev.weir.model.spec.ReleaseSpec.Match;
import dev.weir.model.spec.ReleaseSpec.RollingSpec;
import dev.weir.model.spec.ReleaseSpec.ShadowSpec;
import dev.weir.model.spec.ReleaseSpec.Step;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.spec.RolloutSpec.Room;
import dev.weir.model.spec.RolloutSpec.Scale;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The stages of a release, computed from its spec and the number of replicas.
///
/// Every strategy is a list of stages, so that one state machine runs all of them, with the same
/// pauses, reverts, evidence and guards.
public final class Stages {
  private static final double ALL = 100;
  private static final double HALF = 50;

  private final ReleaseSpec release;
  private final boolean undo;
  private final Scale scale;
  private final List<Stage> stages = new ArrayList<>();

  private Stages(ReleaseSpec release, boolean undo, Scale scale) {
    this.release = release;
    this.undo = undo;
    this.scale = scale;
  }

  /// The stages of a rollout in order.
  public static List<Stage> of(RolloutSpec rollout) {
    return of(rollout.release(), rollout.undo(), rollout.scale());
  }

  /// The stages of a release at a scale.
  public static List<Stage> of(ReleaseSpec release, Scale scale) {
    return of(release, false, scale);
  }

  /// The stages of a release at a scale; none for an undo with capacity for both versions, which is
  /// promoted as soon as it is ready.
  ///
  /// @param undo whether the version is already proven
  public static List<Stage> of(ReleaseSpec release, boolean undo, Scale scale) {
    return new Stages(release, undo, scale).all();
  }

  /// The current stage; empty before the first and after the last.
  public static Optional<Stage> running(Rollout rollout) {
    List<Stage> stages = of(rollout.spec());
    int step = rollout.status().step();
    return step >= 0 && step < stages.size() ? Optional.of(stages.get(step)) : Optional.empty();
  }

  /// The maximum number of replicas beyond the Service's own when capacity limits the new ones;
  /// empty for no limit.
  public static OptionalInt maxSurplus(RolloutSpec rollout) {
    return maxSurplus(rollout.release(), rollout.undo(), rollout.scale());
  }

  private static OptionalInt maxSurplus(ReleaseSpec release, boolean undo, Scale scale) {
    boolean inPlace = scale.room() == Room.IN_PLACE;
    if (skipsSteps(release, undo)) {
      return inPlace ? OptionalInt.of(0) : OptionalInt.empty();
    }
    return switch (release.strategy()) {
      case ROLLING -> OptionalInt.of(new Stages(release, undo, scale).surge(release.rolling()));
      case RECREATE -> OptionalInt.of(0);
      case CANARY, BLUE_GREEN, SHADOW -> inPlace ? OptionalInt.of(0) : OptionalInt.empty();
    };
  }

  /// Without capacity for both versions, there is none during a rollback either.
  private static boolean skipsSteps(ReleaseSpec release, boolean undo) {
    return undo && release.strategy() != Strategy.RECREATE;
  }

  private List<Stage> all() {
    if (scale.room() == Room.IN_PLACE && scale.replicas() == 1) {
      recreate(); // its only place is where the old one is
    } else if (skipsSteps(release, undo)) {
      undo();
    } else {
      forward();
    }
    return List.copyOf(stages);
  }

  private void forward() {
    switch (release.strategy()) {
      case CANARY -> canary();
      case BLUE_GREEN -> blueGreen(release.blueGreen());
      case ROLLING -> rolling(release.rolling());
      case SHADOW -> shadow(release.shadow());
      case RECREATE -> recreate();
    }
  }

  private void canary() {
    if (release.ramps()) {
      ramp(release.effectiveRamp().effectiveWeights());
    } else {
      steps();
    }
    bake();
  }

  /// A release may skip all weights between the first and the largest, so only the first has a
  /// minimum duration.
  private void ramp(List<Double> weights) {
    for (double weight : weights) {
      Fill fill = fill(weight);
      boolean top = weight == weights.getLast();
      stages.add(
          new Stage(
              Stage.RAMP,
              top ? Proof.PROVE : Proof.CLIMB,
              weight,
              List.of(),
              0,
              fill.fresh(),
              fill.old(),
              scale.replicas(),
              weight == weights.getFirst() && !top
                  ? release.effectiveRamp().minDwell()
                  : Duration.ZERO,
              false,
              false));
    }
  }

  private void steps() {
    for (Step step : release.steps()) {
      double weight = step.match().isEmpty() ? step.weight() : 0;
      Fill fill = fill(weight);
      stages.add(
          new Stage(
              step.match().isEmpty() ? Stage.CANARY : "matched canary",
              step.analysis() ? Proof.PROVE : Proof.NONE,
              step.weight(),
              step.match(),
              0,
              fill.fresh(),
              fill.old(),
              scale.replicas(),
              step.pause().orElse(Duration.ZERO),
              step.gate(),
              false));
    }
  }

  private void blueGreen(BlueGreenSpec spec) {
    double mirror = percent(spec.mirror().fraction());
    double weight = spec.preview().isEmpty() ? 0 : HALF;
    boolean compared = mirror > 0 || weight > 0;
    stages.add(
        full(
            "preview",
            compared ? Proof.PROVE : Proof.NONE,
            weight,
            spec.preview(),
            mirror,
            Duration.ZERO,
            spec.gate(),
            false));
    bake();
    if (spec.keepFor().isPositive()) {
      stages.add(full("keep old", Proof.NONE, ALL, List.of(), 0, spec.keepFor(), false, true));
    }
  }

  private void shadow(ShadowSpec spec) {
    double sample = percent(spec.sample().fraction());
    int few = Math.clamp((int) Math.ceil(scale.replicas() * sample / ALL), 1, scale.replicas());
    boolean beside = scale.room() == Room.SURGE;
    Fill fill = beside ? new Fill(few, scale.replicas()) : fill(sample);
    stages.add(
        new Stage(
            "shadow",
            Proof.PROVE,
            0,
            List.of(),
            sample,
            fill.fresh(),
            fill.old(),
            scale.replicas(),
            Duration.ZERO,
            !spec.promote(),
            false));
    bake();
  }

  /// While replicas start, at most `surge` additional replicas exist and at most `missing` fewer
  /// serve. At least one old replica remains while the old version gets requests; the promotion
  /// replaces the rest.
  private void rolling(RollingSpec spec) {
    int all = scale.replicas();
    int missing = missing(spec);
    int fewest = missing == all ? 0 : 1;
    int done = 0;
    while (done < all) {
      int old = Math.max(fewest, all - done - missing);
      int fresh = Math.min(all, all + surge(spec) - old);
      if (fresh == done) {
        break;
      }
      stages.add(replaced(fresh, old, spec.settle(), old > 0 ? Proof.WATCH : Proof.NONE));
      done = fresh;
    }
    stages.add(baked(stages.removeLast()));
  }

  /// The previous version replaces the current one, as many replicas at a time as may be
  /// unavailable, without analysis because it was proven before. With capacity for both versions no
  /// stages are needed.
  private void undo() {
    int all = scale.replicas();
    if (scale.room() == Room.SURGE) {
      return;
    }
    int missing = missing(release.rolling());
    for (int fresh = missing; fresh < all; fresh += missing) {
      stages.add(replaced(fresh, all - fresh, Duration.ZERO, Proof.NONE));
    }
  }

  private Stage replaced(int fresh, int old, Duration settle, Proof proof) {
    int all = scale.replicas();
    double share = percent((double) fresh / all);
    return new Stage(
        "replica " + fresh,
        proof,
        old > 0 ? Math.min(share, ALL - holdback()) : ALL,
        List.of(),
        0,
        fresh,
        old,
        all,
        settle,
        false,
        false);
  }

  private Stage baked(Stage last) {
    return new Stage(
        last.name(),
        last.proof(),
        last.weight(),
        last.audience(),
        last.mirror(),
        last.newReplicas(),
        last.old(),
        last.of(),
        longer(last.atLeast(), release.bake().duration()),
        last.gate(),
        last.promoting());
  }

  private int missing(RollingSpec spec) {
    int allowed = Math.min(scale.replicas(), spec.maxUnavailableGpus() / scale.gpus());
    return scale.room() == Room.IN_PLACE ? Math.max(1, allowed) : allowed;
  }

  private int surge(RollingSpec spec) {
    if (scale.room() == Room.IN_PLACE) {
      return 0;
    }
    int least = missing(spec) > 0 ? 0 : 1;
    return spec.maxSurgeGpus().map(gpus -> Math.max(least, gpus / scale.gpus())).orElse(least);
  }

  private void recreate() {
    stages.add(
        new Stage(
            "new set",
            Proof.NONE,
            ALL,
            List.of(),
            0,
            scale.replicas(),
            0,
            scale.replicas(),
            Duration.ZERO,
            false,
            false));
  }

  private void bake() {
    Duration duration = release.bake().duration();
    if (duration.isPositive()) {
      double weight = ALL - holdback();
      Fill fill = fill(weight);
      stages.add(
          new Stage(
              "bake",
              weight < ALL ? Proof.WATCH : Proof.NONE,
              weight,
              List.of(),
              0,
              fill.fresh(),
              fill.old(),
              scale.replicas(),
              duration,
              false,
              true));
    }
  }

  private Stage full(
      String name,
      Proof proof,
      double weight,
      List<Match> audience,
      double mirror,
      Duration atLeast,
      boolean gate,
      boolean promoting) {
    int all = scale.replicas();
    return new Stage(
        name, proof, weight, audience, mirror, all, all, all, atLeast, gate, promoting);
  }

  private record Fill(int fresh, int old) {}

  /// Without additional capacity, new replicas replace old ones in proportion to their share of
  /// requests.
  private Fill fill(double weight) {
    int all = scale.replicas();
    if (scale.room() == Room.SURGE) {
      return new Fill(all, all);
    }
    int fresh = Math.clamp((int) Math.ceil(all * weight / ALL), 1, Math.max(1, all - 1));
    return new Fill(fresh, all - fresh);
  }

  private double holdback() {
    return percent(release.bake().holdback().fraction());
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  // Rounds to 0.0001 %, the precision of the gateways' split.
  private static double percent(double fraction) {
    return Math.round(fraction * 1_000_000) / 10_000.0;
  }
}
