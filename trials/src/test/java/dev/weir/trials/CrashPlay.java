// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

import dev.weir.client.RolloutVerb;
import dev.weir.control.crash.CrashPoint;
import dev.weir.model.Metadata;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import java.util.List;
import java.util.stream.Stream;

/// Releases that a trial plays on real processes, each with the crash points that it passes.
enum CrashPlay {
  GOOD(
      "deploy.after-ensure",
      "deploy.after-stop",
      "deploy.before-ensure",
      "deploy.before-stop",
      "note.forgotten.analysis.begun",
      "note.forgotten.cohorts.newest",
      "note.kept.analysis.begun",
      "note.kept.cohorts",
      "note.kept.draining",
      "note.kept.evidence",
      "note.kept.gateways",
      "note.kept.progress",
      "note.kept.publication",
      "analysis.advanced",
      "analysis.deleted",
      "publication.handed-out",
      "telemetry.taken",
      "rollout-start",
      "rollout.pending.provisioning",
      "rollout.provisioning.progressing",
      "rollout.progressing.next-step",
      "rollout.progressing.promoting",
      "rollout.promoting.completed") {
    @Override
    Rollout play(CrashStack stack, int version) {
      release(stack, version);
      return ended(stack, version);
    }
  },

  BAD(
      "rollout.progressing.rolling-back",
      "rollout.rolling-back.reverted",
      "rollout.rolling-back.rolled-back") {
    @Override
    List<String> arguments() {
      return List.of("--error-rate", "0.5", "--ttft-factor", "3");
    }

    @Override
    Rollout play(CrashStack stack, int version) {
      release(stack, version);
      return ended(stack, version);
    }
  },

  CRASH_LOOP("rollout.provisioning.rolling-back") {
    @Override
    List<String> arguments() {
      return List.of("--no-such-flag", "1");
    }

    @Override
    Rollout play(CrashStack stack, int version) {
      release(stack, version);
      return ended(stack, version);
    }
  },

  ABORTED("rollout.rolling-back.aborted") {
    @Override
    Rollout play(CrashStack stack, int version) {
      release(stack, version);
      reached(stack, version, RolloutPhase.PROGRESSING);
      command(stack, version, RolloutVerb.ABORT, RolloutPhase.ROLLING_BACK);
      return ended(stack, version);
    }
  },

  SUPERSEDED("rollout.rolling-back.superseded") {
    @Override
    Rollout play(CrashStack stack, int version) {
      release(stack, version);
      reached(stack, version, RolloutPhase.PROGRESSING);
      release(stack, version + 1);
      reached(stack, version + 1, RolloutPhase.PROGRESSING);
      command(stack, version + 1, RolloutVerb.ABORT, RolloutPhase.ROLLING_BACK);
      Rollout _ = ended(stack, version + 1);
      return ended(stack, version);
    }
  },

  BY_HAND("rollout.progressing.paused", "rollout.paused.progressing", "rollout.paused.promoting") {
    @Override
    Rollout play(CrashStack stack, int version) {
      release(stack, version);
      reached(stack, version, RolloutPhase.PROGRESSING);
      command(stack, version, RolloutVerb.PAUSE, RolloutPhase.PAUSED);
      command(stack, version, RolloutVerb.RESUME, RolloutPhase.PROGRESSING);
      stack.ask(
          "the second step",
          () -> stack.rollout(version).orElseThrow().status().step() == 1,
          () -> say(stack, version, RolloutVerb.PROMOTE));
      command(stack, version, RolloutVerb.PAUSE, RolloutPhase.PAUSED);
      command(stack, version, RolloutVerb.PROMOTE, RolloutPhase.PROMOTING);
      return ended(stack, version);
    }
  },

  UNDONE("rollout-undo", "rollout.provisioning.paused") {
    @Override
    Rollout play(CrashStack stack, int version) {
      String before = stack.asked("what serves", () -> stack.stable().orElseThrow());
      release(stack, version);
      reached(stack, version, RolloutPhase.PROGRESSING);
      stack.ask(
          "the second step",
          () -> stack.rollout(version).orElseThrow().status().step() == 1,
          () -> say(stack, version, RolloutVerb.PROMOTE));
      command(stack, version, RolloutVerb.PROMOTE, RolloutPhase.PROMOTING);
      Rollout _ = ended(stack, version);
      stack.ask(
          "the way back",
          () -> back(stack, version, before),
          () -> stack.client().rollback(Metadata.DEFAULT_NAMESPACE, "chat", "it smells"));
      int old = Integer.parseInt(before);
      stack.until("back to " + before, () -> over(stack.rollout(old).orElseThrow()));
      return stack.asked("what became of " + old, () -> stack.rollout(old).orElseThrow());
    }

    private boolean back(CrashStack stack, int version, String before) {
      return stack
          .newest(rollout -> true)
          .filter(rollout -> rollout.spec().from().version().equals(Integer.toString(version)))
          .filter(rollout -> rollout.spec().to().version().equals(before))
          .isPresent();
    }
  };

  private final String moves;

  /// @param moves points, or changes of which each stage is one
  CrashPlay(String... moves) {
    this.moves = String.join(" ", moves);
  }

  List<CrashPoint> points() {
    return Stream.of(moves.split(" "))
        .flatMap(move ->
            CrashPoint.all().stream()
                .filter(point -> point.name().equals(move) || point.name().startsWith(move + ".")))
        .toList();
  }

  /// More arguments of the simulated engine.
  List<String> arguments() {
    return List.of();
  }

  /// Plays it to its end.
  ///
  /// @param version a number that no version had before, nor the one after it
  /// @return the rollout that it is about
  abstract Rollout play(CrashStack stack, int version);

  void release(CrashStack stack, int version) {
    stack.until(
        "the release of " + version + " is taken",
        () ->
            !stack
                .client()
                .apply(manifest(version, arguments()), false, "trial")
                .toString()
                .isEmpty());
    stack.until("a rollout to " + version, () -> stack.rollout(version).isPresent());
  }

  private static void command(
      CrashStack stack, int version, RolloutVerb verb, RolloutPhase expected) {
    stack.ask(
        verb.text() + " of " + version,
        () -> {
          RolloutPhase phase = stack.rollout(version).orElseThrow().status().phase();
          return phase == expected || (phase.terminal() && expected.next().contains(phase));
        },
        () -> say(stack, version, verb));
  }

  private static void say(CrashStack stack, int version, RolloutVerb verb) {
    String name = stack.rollout(version).orElseThrow().metadata().name();
    var _ = stack.client().rollout(verb, Metadata.DEFAULT_NAMESPACE, name, "trial");
  }

  private static void reached(CrashStack stack, int version, RolloutPhase phase) {
    stack.until(
        version + " is " + phase,
        () -> stack.rollout(version).orElseThrow().status().phase() == phase);
  }

  private static Rollout ended(CrashStack stack, int version) {
    stack.until(version + " is over", () -> over(stack.rollout(version).orElseThrow()));
    return stack.asked("what became of " + version, () -> stack.rollout(version).orElseThrow());
  }

  private static boolean over(Rollout rollout) {
    return rollout.status().phase().terminal();
  }

  /// A version and the Service that wants it, with a release policy for the impatient: latencies of
  /// processes that share two cores with everything else prove nothing, so errors decide.
  static String manifest(int version, List<String> arguments) {
    String args =
        Stream.concat(Stream.of("--latency-spread", "0.02"), arguments.stream())
            .map(word -> '"' + word + '"')
            .reduce((a, b) -> a + ", " + b)
            .orElseThrow();
    return """
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: chat}
    spec: {owner: trial, licence: apache-2.0, intendedUse: trial}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: chat-%1$d}
    spec:
      model: chat
      version: "%1$d"
      engine: {type: sim, args: [%2$s]}
      startupTimeout: 2m
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: chat}
    spec:
      version: chat@%1$d
      placements: [{target: local, replicas: 1}]
      release:
        strategy: canary
        steps: [{weight: 25}, {weight: 50}]
        analysis:
          minStepDuration: 5s
          maxStepDuration: 3m
          dispersion: 1
          metrics:
            error: {margin: 30%%}
            truncated: {margin: 30%%}
            ttft: {gating: false, tolerance: 100%%, margin: 200%%}
            itl: {gating: false, tolerance: 100%%, margin: 200%%}
    """
        .formatted(version, args);
  }
}
