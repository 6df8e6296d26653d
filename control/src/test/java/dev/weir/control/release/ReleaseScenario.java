// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.THREE;
import static dev.weir.control.ControlWorld.TWO;

import dev.weir.control.ControlWorld;
import dev.weir.control.SimulatedGateway;
import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.change.CommandResult;
import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoint.ChangeKind;
import dev.weir.control.crash.CrashPoint.Stage;
import dev.weir.control.operations.FaultOperations;
import dev.weir.control.operations.ReplicaOperations.Order;
import dev.weir.control.operations.ReplicaOperations.Verb;
import dev.weir.model.Resources;
import dev.weir.model.spec.PolicySpec.OnRunning;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.Fault.FaultKind;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.view.FaultAnswer;
import dev.weir.model.view.FaultRequest;
import dev.weir.store.AnalysisStates.AnalysisState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What can happen to a Service, each from an empty store to an end in which nothing moves any
/// more. Together they pass every crash point there is.
public enum ReleaseScenario {
  GOOD {
    @Override
    void happen(ControlWorld world) {
      world.servingFor(20).want(TWO);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 400);
    }
  },

  /// So bad that it is decided alike without what was known of the stable version, which a death in
  /// its first minute loses.
  BAD_BY_STATISTICS {
    @Override
    void happen(ControlWorld world) {
      world.behaviours.put("chat@2", new Behaviour(.5, .2));
      world.servingFor(20).want(TWO);
      world.untilPhase(FIRST, RolloutPhase.ROLLED_BACK, 200);
    }
  },

  ALERTED {
    @Override
    void happen(ControlWorld world) {
      world.apply(Resources.alertChannel("hooks", "http://127.0.0.1:9/hooks"));
      world.provider.crash(TWO);
      world.servingFor(4).want(TWO);
      world.untilPhase(FIRST, RolloutPhase.ROLLED_BACK, 100);
      world.want(ONE);
    }
  },

  CRASH_LOOP_AND_RETRY {
    @Override
    void happen(ControlWorld world) {
      world.provider.crash(TWO);
      world.servingFor(4).want(TWO);
      world.untilPhase(FIRST, RolloutPhase.ROLLED_BACK, 100);
      world.ask(
          w -> w.service().status().failed().isEmpty(),
          control -> control.commands().retry(ControlWorld.ref(FIRST), ControlWorld.ADA, "again"));
      world.untilPhase(SECOND, RolloutPhase.ROLLED_BACK, 100);
    }
  },

  BY_HAND_AND_UNDO {
    @Override
    void happen(ControlWorld world) {
      world.provider.loadForEver(TWO);
      world.servingFor(4).want(TWO);
      world.untilPhase(FIRST, RolloutPhase.PROVISIONING, 10);
      pause(world);
      resume(world, RolloutPhase.PROVISIONING);
      world.provider.loaded(TWO);
      world.untilPhase(FIRST, RolloutPhase.PROGRESSING, 10);
      pause(world);
      world.steps(2);
      resume(world, RolloutPhase.PROGRESSING);
      promote(world, 0);
      pause(world);
      promote(world, 1);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 60);
      world.ask(
          w -> w.rollouts().size() == 2,
          control ->
              control
                  .commands()
                  .rollback(
                      world.service().ref(), Optional.empty(), ControlWorld.ADA, "it smells"));
      world.untilPhase(SECOND, RolloutPhase.COMPLETED, 60);
    }
  },

  ABORTED {
    @Override
    void happen(ControlWorld world) {
      progressing(world);
      world.steps(12);
      abort(world);
      world.untilPhase(FIRST, RolloutPhase.ABORTED, 60);
    }
  },

  ABORTED_BEFORE_THE_FIRST_LOOK {
    @Override
    void happen(ControlWorld world) {
      SimulatedGateway deaf = new SimulatedGateway("gw-b", 2, 30, world.behaviours);
      world.gateways.add(deaf);
      world.servingFor(4);
      deaf.freeze();
      world.want(TWO);
      world.until("telemetry is kept", w -> !w.noted("cohorts").isEmpty(), 40);
      abort(world);
      deaf.thaw();
      world.untilPhase(FIRST, RolloutPhase.ABORTED, 200);
    }
  },

  OVERRIDDEN_AND_ABORTED_AT_ONCE {
    @Override
    void happen(ControlWorld world) {
      world.apply(Resources.alertChannel("hooks", "http://127.0.0.1:9/hooks"));
      world.provider.loadForEver(TWO);
      world.servingFor(4);
      world.freeze(Duration.ofDays(30), OnRunning.PAUSE);
      world.want(TWO);
      world.until("it waits", w -> w.rollouts().size() == 1, 10);
      override(world, "begin");
      world.untilPhase(FIRST, RolloutPhase.PROVISIONING, 10);
      override(world, "start");
      world.provider.loaded(TWO);
      world.untilPhase(FIRST, RolloutPhase.PROGRESSING, 10);
      override(world, "serve");
      pause(world);
      override(world, "wait");
      world.steps(2);
      world.ask(
          w -> w.phase(FIRST) == RolloutPhase.ROLLING_BACK,
          control ->
              control.commands().abortNow(ControlWorld.ref(FIRST), ControlWorld.ADA, "enough"));
      world.untilPhase(FIRST, RolloutPhase.ABORTED, 60);
    }

    private void override(ControlWorld world, String reason) {
      world.ask(
          w ->
              w.rollout(FIRST).status().overridden().stream()
                  .anyMatch(how -> how.reason().equals(reason)),
          control ->
              control
                  .commands()
                  .override(ControlWorld.ref(FIRST), ControlWorld.ADA, reason, Optional.empty()));
    }
  },

  SUPERSEDED {
    @Override
    void happen(ControlWorld world) {
      progressing(world);
      world.want(THREE);
      world.untilPhase(FIRST, RolloutPhase.SUPERSEDED, 60);
      world.untilPhase(SECOND, RolloutPhase.PROGRESSING, 60);
    }
  },

  SPEC_TAKEN_BACK_WHILE_DEAD {
    @Override
    void happen(ControlWorld world) {
      world.servingFor(4);
      CrashPoint born = CrashPoint.of(ChangeKind.ROLLOUT_START, Stage.COMMITTED);
      world.crashInjector.dieAt(born::equals, 1, () -> world.want(ONE));
      world.want(TWO);
      world.untilPhase(FIRST, RolloutPhase.ABORTED, 60);
    }
  },

  NOTHING_TO_GO_BACK_TO {
    @Override
    void happen(ControlWorld world) {
      progressing(world);
      world.clock.advance(Duration.ofMinutes(1));
      pause(world);
      world.provider.set(ONE, ReplicaState.UNREADY);
      world.provider.crash(TWO);
      world.until("a revert is decided", w -> w.rollout(FIRST).status().ending().isPresent(), 20);
      world.steps(4);
      world.provider.set(ONE, ReplicaState.READY);
      world.untilPhase(FIRST, RolloutPhase.ROLLED_BACK, 60);
    }
  },

  PROMOTION_REVERTED {
    @Override
    void happen(ControlWorld world) {
      progressing(world);
      promote(world, 0);
      promote(world, 1);
      world.stableMayFail = true;
      world.provider.crash(TWO);
      world.untilPhase(FIRST, RolloutPhase.ROLLED_BACK, 60);
    }
  },

  SCALED_DOWN_AND_UP {
    @Override
    void happen(ControlWorld world) {
      world.servingFor(4).want(ONE, 1);
      world.until("one is left", w -> w.provider.running().size() == 1, 30);
      world.want(ONE, 2);
      world.until("both are routed to", w -> w.replicasRoutedTo() == 2, 30);
      world.gateways.getFirst().running(world.provider.running().getLast().toString(), 1);
      world.want(ONE, 1);
      world.until("it drains", w -> !w.noted("draining").isEmpty(), 30);
      world.want(ONE, 2);
      world.until("it stays", w -> w.replicasRoutedTo() == 2, 30);
    }
  },

  NAME_THAT_MOVES {
    @Override
    void happen(ControlWorld world) {
      world.apply(Resources.target("there", ProviderType.EXTERNAL));
      world.names.put("vllm.prod", List.of("10.0.0.1", "10.0.0.2"));
      world.serving(Resources.external("there", "chat@1", "dns+http://vllm.prod:8000"), 4);
      world.names.put("vllm.prod", List.of("10.0.0.2"));
      world.until("one address is left", w -> w.replicasRoutedTo() == 1, 80);
      world.want(ONE, Resources.external("there", "chat@1", "http://10.0.0.2:8000"));
      world.until("the name is forgotten", w -> w.noted("addresses").isEmpty(), 40);
    }
  },

  RESTART_ORDERED {
    @Override
    void happen(ControlWorld world) {
      world.servingFor(4);
      String replica = world.provider.running().getLast().toString();
      world.ask(
          w -> w.ordered() || w.provider.restarts(w.provider.running().getLast()) > 0,
          control ->
              control
                  .replicas()
                  .order(
                      new Order("default", replica, Verb.RESTART, false, false),
                      ControlWorld.ADA,
                      "noisy fan"));
      world.until("it is over", w -> !w.ordered() && w.replicasRoutedTo() == 2, 40);
    }
  },

  FAULT_INJECTED {
    @Override
    void happen(ControlWorld world) {
      world.servingFor(4);
      inject(world, 1);
      inject(world, 2);
      world.ask(
          w -> w.service().status().faults().size() < 2,
          control ->
              done(control.faults().clear("default", first(world), ControlWorld.ADA, "enough")));
      world.until("it is over", w -> w.service().status().faults().isEmpty(), 40);
    }

    private void inject(ControlWorld world, int number) {
      world.ask(
          w -> w.service().status().faults().size() == number,
          control ->
              done(control.faults().inject("default", FAULT, false, ControlWorld.ADA, "game day")));
    }

    private Optional<String> first(ControlWorld world) {
      return Optional.of(world.service().status().faults().getFirst().name());
    }

    private CommandResult done(FaultOperations.Result result) {
      return result instanceof FaultOperations.Result.Done(FaultAnswer answer)
          ? new CommandResult.Done(answer.message())
          : new CommandResult.Refused(result.toString());
    }
  },

  GIVEN_UP_REPLICA {
    @Override
    void happen(ControlWorld world) {
      world.servingFor(4);
      ReplicaName last = world.provider.running().getLast();
      world.provider.set(last, ReplicaState.FAILED);
      world.steps(2);
      world.clock.advance(Duration.ofSeconds(61));
      world.until("it serves again", w -> w.replicasRoutedTo() == 2, 30);
    }
  },

  ROOM_BORROWED {
    @Override
    void happen(ControlWorld world) {
      world.apply(Resources.target("local", Map.of("replicas", 5)));
      world.capacity = ReleaseSpec.Capacity.BORROW;
      world.servingFor(4).lending(3, 2);
      world.want(TWO);
      world.untilPhase(FIRST, RolloutPhase.PROGRESSING, 60);
      abort(world);
      world.untilPhase(FIRST, RolloutPhase.ABORTED, 60);
      world.until("all is given back", w -> w.provider.running().size() == 5, 60);
    }
  },

  SERVICE_DELETED {
    @Override
    void happen(ControlWorld world) {
      world.servingFor(4);
      world.deleteService();
      world.until("nothing is left", w -> w.provider.running().isEmpty(), 30);
    }
  },

  A_DAY_LATER {
    @Override
    void happen(ControlWorld world) {
      SimulatedGateway gone = new SimulatedGateway("gw-b", 2, 30, world.behaviours);
      world.gateways.add(gone);
      progressing(world);
      world.steps(12);
      promote(world, 0);
      promote(world, 1);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 60);
      world.clock.advance(Duration.ofMinutes(1));
      world.steps(12);
      gone.disconnect();
      for (int days = 0; days < 6 && !forgotten(world); days++) {
        world.clock.advance(Duration.ofHours(25));
        world.steps(4);
      }
    }

    private boolean forgotten(ControlWorld world) {
      return List.of("gateways", "telemetry.marks").stream()
              .flatMap(collection -> world.noted(collection).stream())
              .noneMatch(key -> key.startsWith("gw-b"))
          && world.noted("baseline").stream().noneMatch(key -> key.endsWith("chat@1"))
          && world.crashInjector.passed().containsKey(CrashPoint.removed("alerts"));
    }
  },

  ROLLOUT_LEFT_POINTED_AT {
    @Override
    void happen(ControlWorld world) {
      progressing(world);
      abort(world);
      world.untilPhase(FIRST, RolloutPhase.ABORTED, 60);
      world.pointAt(FIRST);
      world.until("put right", w -> w.service().status().rollout().isEmpty(), 10);
    }
  },

  GUARD_THAT_MENDS_WHILE_DEAD {
    @Override
    void happen(ControlWorld world) {
      world.provider.crash(TWO);
      world.crashInjector.dieAt(
          at -> at.name().equals("rollout.provisioning.rolling-back.decided"),
          1,
          () -> world.provider.mend(TWO));
      world.servingFor(4).want(TWO);
      world.untilPhase(FIRST, RolloutPhase.PROGRESSING, 40);
      abort(world);
      world.untilPhase(FIRST, RolloutPhase.ABORTED, 60);
    }
  },

  ANALYSIS_STATE_TORN {
    @Override
    void happen(ControlWorld world) {
      progressing(world);
      world.steps(24);
      AnalysisState whole = world.store.analysis().get("default/" + FIRST).orElseThrow();
      boolean _ =
          world
              .store
              .analysis()
              .advance(
                  "default/" + FIRST,
                  whole.cohort(),
                  new AnalysisState(
                      whole.cohort() + " torn",
                      whole.json().substring(0, whole.json().length() / 2)),
                  List.of());
      world.restart();
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 400);
    }
  },

  CANARY_WITH_A_GATE {
    @Override
    void happen(ControlWorld world) {
      world.manner = TestReleases.gatedCanary();
      progressing(world);
      world.untilPhase(FIRST, RolloutPhase.PAUSED, 300);
      world.ask(
          w -> w.phase(FIRST) != RolloutPhase.PAUSED,
          control -> control.commands().promote(ControlWorld.ref(FIRST), ControlWorld.ADA, "go"));
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 100);
    }
  },

  RAMP {
    @Override
    void happen(ControlWorld world) {
      world.manner = TestReleases.ramp();
      world.servingFor(20).want(TWO);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 400);
    }
  },

  /// Some answers fail at the largest weight, too few for a proof of harm; then none does.
  RAMP_THAT_LOOKS_WORSE {
    @Override
    void happen(ControlWorld world) {
      world.manner = TestReleases.patientRamp();
      world.servingFor(20).want(TWO);
      world.until("the largest weight", w -> w.rollout(FIRST).status().weight() == 50, 400);
      world.behaviours.put("chat@2", SUSPICIOUS);
      world.until("a smaller weight", w -> w.rollout(FIRST).status().weight() < 50, 600);
      world.behaviours.remove("chat@2");
      world.until("the largest again", w -> w.rollout(FIRST).status().weight() == 50, 1_200);
      abort(world);
      world.untilPhase(FIRST, RolloutPhase.ABORTED, 60);
    }
  },

  BLUE_GREEN {
    @Override
    void happen(ControlWorld world) {
      world.manner = TestReleases.blueGreen();
      world.servingFor(12).want(TWO);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 100);
    }
  },

  ROLLING {
    @Override
    void happen(ControlWorld world) {
      world.manner = TestReleases.rolling();
      world.servingFor(12).want(TWO);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 200);
    }
  },

  /// Most replicas are new ones when it turns out.
  ROLLING_BACK_FROM_IN_PLACE {
    @Override
    void happen(ControlWorld world) {
      world.manner = TestReleases.rollingInPlace();
      world.want(ONE, 3);
      world.until("it serves", w -> w.service().status().stable().isPresent(), 20);
      world.steps(12);
      world.want(TWO, 3);
      world.until("two are new", w -> w.rollout(FIRST).status().step() == 1, 60);
      world.behaviours.put("chat@2", new Behaviour(.5, .2));
      world.untilPhase(FIRST, RolloutPhase.ROLLED_BACK, 200);
    }
  },

  RECREATE {
    @Override
    void happen(ControlWorld world) {
      world.stableMayFail = true;
      world.manner = TestReleases.recreate();
      world.servingFor(12).want(TWO);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 60);
    }
  };

  private static final FaultRequest FAULT =
      new FaultRequest(
          "chat",
          FaultKind.ERROR,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Duration.ofSeconds(10),
          false);

  /// Worse than tolerated by a little.
  private static final Behaviour SUSPICIOUS = new Behaviour(.012, .2);

  static final String FIRST = "chat-1";
  static final String SECOND = "chat-2";

  /// Long enough for everything that follows from the end: replicas stop, notes are forgotten.
  private static final int AFTERWARDS = 12;

  abstract void happen(ControlWorld world);

  /// All of it, in a world of its own.
  public final void play(ControlWorld world) {
    happen(world);
    world.steps(AFTERWARDS);
  }

  private static void progressing(ControlWorld world) {
    world.servingFor(12).want(TWO);
    world.untilPhase(FIRST, RolloutPhase.PROGRESSING, 20);
  }

  private static void pause(ControlWorld world) {
    world.ask(
        w -> w.phase(FIRST) == RolloutPhase.PAUSED,
        control -> control.commands().pause(ControlWorld.ref(FIRST), ControlWorld.ADA, "lunch"));
  }

  private static void resume(ControlWorld world, RolloutPhase to) {
    world.ask(
        w -> w.phase(FIRST) == to,
        control -> control.commands().resume(ControlWorld.ref(FIRST), ControlWorld.ADA, "back"));
  }

  private static void promote(ControlWorld world, int fromStep) {
    world.ask(
        w ->
            w.rollout(FIRST).status().step() > fromStep || w.phase(FIRST) == RolloutPhase.PROMOTING,
        control -> control.commands().promote(ControlWorld.ref(FIRST), ControlWorld.ADA, "sure"));
  }

  private static void abort(ControlWorld world) {
    world.ask(
        w -> w.phase(FIRST) == RolloutPhase.ROLLING_BACK,
        control -> control.commands().abort(ControlWorld.ref(FIRST), ControlWorld.ADA, "no more"));
  }
}
