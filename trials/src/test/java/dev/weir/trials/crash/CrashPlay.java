// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import dev.weir.client.RolloutVerb;
import dev.weir.client.WeirUnreachableException;
import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.control.crash.CrashPoint;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The plays of the trial on real processes, each with the crash points that it passes. Together
/// they pass every crash point.
enum CrashPlay {
  GOOD(
      "deploy.after-ensure",
      "deploy.after-stop",
      "deploy.before-ensure",
      "deploy.before-stop",
      "note.kept.alerts",
      "note.kept.alerts.read",
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
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(chat.manifest(version));
      return Optional.of(chat.ended(version));
    }
  },

  BAD(
      "alert.sent",
      "rollout.progressing.rolling-back",
      "rollout.rolling-back.reverted",
      "rollout.rolling-back.rolled-back") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.apply(NOBODY_LISTENS);
      chat.release(chat.manifest(version).with("--error-rate", "0.5", "--ttft-factor", "3"));
      return Optional.of(chat.ended(version));
    }
  },

  CRASH_LOOP("rollout.provisioning.rolling-back") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(chat.manifest(version).with("--no-such-flag", "1"));
      return Optional.of(chat.ended(version));
    }
  },

  ABORTED("rollout.rolling-back.aborted", "note.forgotten.cohorts") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      return Optional.of(abortedWhenHeardOf(stack, chat, version));
    }
  },

  SUPERSEDED("rollout.rolling-back.superseded") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(chat.manifest(version));
      chat.reached(version, RolloutPhase.PROGRESSING);
      chat.release(chat.manifest(version + 1));
      chat.reached(version + 1, RolloutPhase.PROGRESSING);
      Rollout _ = chat.aborted(version + 1);
      return Optional.of(chat.ended(version));
    }
  },

  BY_HAND("rollout.progressing.paused", "rollout.paused.progressing", "rollout.paused.promoting") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(chat.manifest(version));
      chat.reached(version, RolloutPhase.PROGRESSING);
      chat.command(version, RolloutVerb.PAUSE, RolloutPhase.PAUSED);
      chat.command(version, RolloutVerb.RESUME, RolloutPhase.PROGRESSING);
      chat.secondStep(version);
      chat.command(version, RolloutVerb.PAUSE, RolloutPhase.PAUSED);
      chat.command(version, RolloutVerb.PROMOTE, RolloutPhase.PROMOTING);
      return Optional.of(chat.ended(version));
    }
  },

  PAUSED_EARLY("rollout.paused.provisioning", "rollout.paused.rolling-back") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.beginRelease(version);
      chat.command(version, RolloutVerb.PAUSE, RolloutPhase.PAUSED);
      chat.command(version, RolloutVerb.RESUME, RolloutPhase.PROVISIONING);
      chat.command(version, RolloutVerb.PAUSE, RolloutPhase.PAUSED);
      return Optional.of(chat.aborted(version));
    }
  },

  /// A policy freezes releases, and an operator overrides it at each stage.
  OVERRIDDEN(
      "rollout.pending.overridden-before",
      "rollout.provisioning.overridden-starting",
      "rollout.progressing.overridden-serving",
      "rollout.paused.overridden-paused") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.apply(ALWAYS_FROZEN);
      chat.release(chat.manifest(version).with("--load-seconds", "10"));
      chat.override(version, "begin");
      chat.reached(version, RolloutPhase.PROVISIONING);
      chat.override(version, "start");
      chat.reached(version, RolloutPhase.PROGRESSING);
      chat.override(version, "serve");
      chat.command(version, RolloutVerb.PAUSE, RolloutPhase.PAUSED);
      chat.override(version, "wait");
      Rollout ended = chat.aborted(version);
      ResourceRef calm = ResourceRef.of(Kind.POLICY, "", "calm");
      stack.ask(
          "no freeze",
          () -> stack.client().find(calm).isEmpty(),
          () -> stack.client().delete(calm, OptionalLong.empty(), "trial"));
      return Optional.of(ended);
    }
  },

  UNDONE("rollout-undo", "rollout.provisioning.paused") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      int before = Integer.parseInt(stack.asked("what serves", () -> chat.stable().orElseThrow()));
      chat.release(chat.manifest(version));
      chat.reached(version, RolloutPhase.PROGRESSING);
      chat.secondStep(version);
      chat.command(version, RolloutVerb.PROMOTE, RolloutPhase.PROMOTING);
      Rollout _ = chat.ended(version);
      stack.ask(
          "the rollback",
          () -> chat.rollouts().stream().anyMatch(rollout -> leads(rollout, version, before)),
          () -> stack.client().rollback(Metadata.DEFAULT_NAMESPACE, "chat", "trial"));
      return Optional.of(chat.ended(before));
    }

    private static boolean leads(Rollout rollout, int from, int to) {
      return rollout.spec().from().version().equals(Integer.toString(from))
          && rollout.spec().to().version().equals(Integer.toString(to));
    }
  },

  /// The operator goes on to retry what failed.
  RETRIED("service-retry") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.beginRelease(version);
      String first = chat.aborted(version).metadata().name();
      stack.ask(
          "a retry",
          () -> !chat.rollout(version).orElseThrow().metadata().name().equals(first),
          () -> chat.say(version, RolloutVerb.RETRY));
      chat.reached(version, RolloutPhase.PROVISIONING);
      return Optional.of(chat.aborted(version));
    }
  },

  /// The user aborts before a slow thread has announced the rollout that it stored.
  TAKEN_BACK("rollout.pending.rolling-back") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      int before = Integer.parseInt(stack.asked("what serves", () -> chat.stable().orElseThrow()));
      stack.orders().hold(new CrashPoint("rollout-start.published"));
      chat.release(chat.manifest(version));
      chat.apply(chat.manifest(before).serviceAlone());
      stack.orders().letGo();
      return Optional.of(chat.ended(version));
    }
  },

  /// The promoted version has a replica that may not serve, so the previous version still runs when
  /// an operator aborts.
  PROMOTION_ABORTED("rollout.promoting.rolling-back") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(chat.manifest(version).replicas(2));
      chat.reached(version, RolloutPhase.PROGRESSING);
      chat.command(version, RolloutVerb.PAUSE, RolloutPhase.PAUSED);
      chat.cordon(chat.replica(version));
      chat.secondStep(version);
      chat.command(version, RolloutVerb.PROMOTE, RolloutPhase.PROMOTING);
      Rollout ended = chat.aborted(version);
      chat.scale(1);
      chat.noOrders();
      return Optional.of(ended);
    }
  },

  /// No replica of either version can start any more, so that there is nothing to go back to, until
  /// the old version can.
  NOTHING_LEFT("rollout.paused.revert-decided") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      CrashOperator aside = chat.beside(version);
      EngineProfileFile profile = new EngineProfileFile(stack.file("profile-" + version + ".json"));
      profile.write();
      aside.first(aside.manifest(version).with("--profile", profile.name()));
      aside.release(aside.manifest(version + 1).with("--profile", profile.name()));
      aside.reached(version + 1, RolloutPhase.PROGRESSING);
      aside.command(version + 1, RolloutVerb.PAUSE, RolloutPhase.PAUSED);
      profile.remove();
      aside.killForGood(version);
      aside.killForGood(version + 1);
      stack.until(
          "a revert is decided",
          () -> aside.rollout(version + 1).orElseThrow().status().ending().isPresent());
      profile.write();
      aside.restartNow(aside.replica(version));
      Rollout ended = aside.ended(version + 1);
      aside.leave();
      return Optional.of(ended);
    }
  },

  /// The control plane decides an operator's pause and dies before it applies it.
  PAUSE_LOST("note.forgotten.evidence") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(chat.manifest(version).with("--load-seconds", "10"));
      chat.reached(version, RolloutPhase.PROVISIONING);
      stack.orders().hold(new CrashPoint("rollout.provisioning.paused.decided"));
      Thread _ = Thread.startVirtualThread(() -> sayInVain(chat, version));
      stack.until("the pause is decided", stack.orders()::held);
      stack.kill(_ -> stack.orders().letGo());
      chat.reached(version, RolloutPhase.PROGRESSING);
      return Optional.of(chat.aborted(version));
    }

    private static void sayInVain(CrashOperator chat, int version) {
      try {
        chat.say(version, RolloutVerb.PAUSE);
      } catch (WeirUnreachableException e) {
        // Whom it is said to is killed.
      }
    }
  },

  /// Its first step is longer than its proof, the second has a gate, and it is baked.
  GATED("rollout.progressing.step-passed", "rollout.promoting.switched") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(
          chat.manifest(version)
              .released(
                  "steps: [{weight: 25, pause: 40s}, {weight: 50, analysis: false, gate: true}],"
                      + " bake: {duration: 3s}"));
      chat.reached(version, RolloutPhase.PAUSED);
      chat.command(version, RolloutVerb.PROMOTE, RolloutPhase.PROMOTING);
      return Optional.of(chat.ended(version));
    }
  },

  /// Its evidence allows the largest weight at once, when it has shown that first tokens are not
  /// much slower, so that each run climbs once.
  RAMP("analysis.advanced", "rollout.progressing.next-step", "rollout.progressing.promoting") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(
          chat.manifest(version)
              .released(
                  "strategy: canary, bake: {duration: 0s},"
                      + " ramp: {weights: [10, 50], minDwell: 5s, exposure: 1000}"));
      return Optional.of(chat.ended(version));
    }
  },

  BLUE_GREEN("rollout.promoting.next-stage") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(
          chat.manifest(version)
              .released("strategy: blueGreen, bake: {duration: 3s}, blueGreen: {keepFor: 3s}"));
      return Optional.of(chat.ended(version));
    }
  },

  ROLLING("rollout.progressing.filling") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.scale(2);
      chat.release(
          chat.manifest(version)
              .replicas(2)
              .released("strategy: rolling, bake: {duration: 3s}, rolling: {settle: 3s}"));
      Rollout ended = chat.ended(version);
      chat.scale(1);
      return Optional.of(ended);
    }
  },

  /// Two of three replicas are new when an operator aborts.
  REVERSED("rollout.rolling-back.returning") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.scale(3);
      chat.release(
          chat.manifest(version)
              .replicas(3)
              .released(
                  "strategy: rolling, bake: {duration: 1m},"
                      + " rolling: {settle: 3s, maxUnavailableGpus: 1}"));
      stack.until("two are new", () -> chat.rollout(version).orElseThrow().status().weight() > 60);
      Rollout ended = chat.aborted(version);
      chat.scale(1);
      return Optional.of(ended);
    }
  },

  SHADOW("rollout.progressing.promoting.committed") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(
          chat.manifest(version)
              .released(
                  "strategy: shadow, bake: {duration: 3s}, shadow: {sample: 50%, promote: true}"));
      return Optional.of(chat.ended(version));
    }
  },

  /// On a Service without traffic.
  RECREATED("rollout.provisioning.progressing.committed") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      CrashOperator aside = chat.beside(version);
      aside.first(aside.manifest(version));
      aside.release(aside.manifest(version + 1).released("strategy: recreate"));
      Rollout ended = aside.ended(version + 1);
      aside.leave();
      return Optional.of(ended);
    }
  },

  /// Found out on copies: no client may ever have an answer of it.
  BAD_COPIES(
      "rollout.progressing.rolling-back.committed", "rollout.rolling-back.reverted.committed") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.release(
          chat.manifest(version)
              .with("--error-rate", "0.5")
              .released("strategy: blueGreen, blueGreen: {mirror: 50%, keepFor: 3s}"));
      return Optional.of(chat.ended(version));
    }
  },

  BAD_REPLICA(
      "rollout.progressing.rolling-back.committed", "rollout.rolling-back.reverted.committed") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.scale(2);
      chat.release(
          chat.manifest(version)
              .with("--error-rate", "0.5")
              .replicas(2)
              .released("strategy: rolling, bake: {duration: 1m}, rolling: {settle: 1m}"));
      Rollout ended = chat.ended(version);
      chat.scale(1);
      return Optional.of(ended);
    }
  },

  FIRST("service-first") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      CrashOperator aside = chat.beside(version);
      aside.first(aside.manifest(version));
      aside.leave();
      return Optional.empty();
    }
  },

  /// The Service is made to point at a rollout that is over. Nothing that Weir does leads there, so
  /// it is written into the store of a control plane that is dead.
  PUT_RIGHT("service-put-right") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.beginRelease(version);
      Rollout over = chat.aborted(version);
      Service service = stack.asked("the Service", chat::seen);
      stack.kill(data -> point(data, service, over));
      stack.until("it points nowhere", () -> chat.seen().status().rollout().isEmpty());
      return Optional.of(over);
    }

    private static void point(Path data, Service service, Rollout at) {
      try (Store store = SqliteStore.open(data, InstantSource.system(), "trial")) {
        var pointing = service.status().withRollout(Optional.of(at.metadata().name()));
        var _ =
            new StoreChangeExecutor(store)
                .execute(
                    new Change.ServiceProgress(
                        service.withStatus(pointing), service.metadata().revision()),
                    Actor.WEIR,
                    "trial");
      }
    }
  },

  RESTART(
      "replica-order",
      "replica-order-over",
      "deploy.before-restart",
      "deploy.after-restart",
      "note.forgotten.draining") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      chat.scale(2);
      int stable = Integer.parseInt(stack.asked("what serves", () -> chat.stable().orElseThrow()));
      chat.restart(chat.replica(stable));
      chat.scale(1);
      return Optional.empty();
    }
  },

  /// On a Service without traffic.
  FAULT("fault", "fault-over") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      CrashOperator aside = chat.beside(version);
      aside.first(aside.manifest(version));
      aside.inject(Duration.ofSeconds(30));
      stack.until("the fault is over", () -> aside.seen().status().faults().isEmpty());
      aside.leave();
      return Optional.empty();
    }
  },

  /// A Service on an engine that it finds by name.
  BY_NAME("note.kept.addresses", "note.forgotten.addresses", "note.forgotten.publication") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      URI engine =
          stack.asked("an engine", () -> chat.replicas().getFirst().endpoint().orElseThrow());
      CrashOperator aside = chat.beside(version);
      aside.first(
          aside.manifest(version).at(URI.create("dns+http://localhost:" + engine.getPort())));
      aside.leave();
      stack.until(
          "the name is forgotten",
          () -> stack.passed("note.forgotten.addresses", "note.forgotten.publication"));
      return Optional.empty();
    }
  },

  /// The clock jumps, because the wait is too long.
  A_DAY_LATER(
      "note.forgotten.alerts",
      "note.forgotten.gateways",
      "note.forgotten.telemetry.marks",
      "note.forgotten.progress",
      "note.forgotten.baseline",
      "note.kept.baseline") {
    @Override
    Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version) {
      Rollout over = abortedWhenHeardOf(stack, chat, version);
      stack.ask(
          "what a day makes forgotten",
          () ->
              stack.passed(
                  "note.forgotten.alerts",
                  "note.forgotten.gateways",
                  "note.forgotten.telemetry.marks",
                  "note.forgotten.progress",
                  "note.forgotten.baseline"),
          () -> stack.later(Duration.ofHours(25)));
      stack.ask(
          "what a minute makes kept",
          () -> stack.passed("note.kept.baseline"),
          () -> stack.later(Duration.ofMinutes(2)));
      stack.kill(_ -> {}); // the next one has the right time
      return Optional.of(over);
    }
  };

  /// A channel that is asked, and never answers.
  private static final String NOBODY_LISTENS =
      """
      apiVersion: weir.dev/v1
      kind: AlertChannel
      metadata: {name: nobody}
      spec: {type: webhook, url: "http://127.0.0.1:9/", minSeverity: info}
      """;

  private static final String ALWAYS_FROZEN =
      """
      apiVersion: weir.dev/v1
      kind: Policy
      metadata: {name: calm}
      spec: {freeze: [{name: always, weekly: {}}]}
      """;

  private static Rollout abortedWhenHeardOf(CrashStack stack, CrashOperator chat, int version) {
    chat.release(chat.manifest(version));
    chat.reached(version, RolloutPhase.PROGRESSING);
    stack.until("a gateway reports on it", () -> stack.passed("note.kept.cohorts"));
    return chat.aborted(version);
  }

  @SuppressWarnings("ImmutableEnumChecker") // a copy
  private final List<String> moves;

  /// @param moves points, or changes of which each stage is one
  CrashPlay(String... moves) {
    this.moves = List.of(moves);
  }

  List<CrashPoint> points() {
    return moves.stream().flatMap(CrashPlay::stages).toList();
  }

  private static Stream<CrashPoint> stages(String move) {
    List<CrashPoint> named =
        CrashPoint.all().stream().filter(point -> point.name().equals(move)).toList();
    return named.isEmpty()
        ? Stream.of(CrashPoint.Stage.values())
            .map(stage -> new CrashPoint(move + "." + stage.name().toLowerCase(Locale.ROOT)))
        : named.stream();
  }

  /// Runs the play to its end.
  ///
  /// @param chat operates the Service that clients ask
  /// @param version a number that no version had before, nor the one after it
  /// @return the rollout that it is about, if it is about one
  abstract Optional<Rollout> play(CrashStack stack, CrashOperator chat, int version);
}
