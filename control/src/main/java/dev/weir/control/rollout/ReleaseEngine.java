// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.deployment.Deployer;
import dev.weir.control.external.ExternalWatch;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.GatewayRegistry;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.observation.ProgressTracker;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.control.operations.FaultReconciler;
import dev.weir.control.operations.OrderReconciler;
import dev.weir.control.publication.Publisher;
import dev.weir.control.telemetry.BaselineStore;
import dev.weir.control.telemetry.CohortRegistry;
import dev.weir.model.ResourceRef;
import dev.weir.model.Service;
import dev.weir.store.AnalysisStates;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// Releases put together: what is surveyed, decided, written and deployed, for all Services.
public final class ReleaseEngine {
  private final ServiceReconciler reconciler;
  private final ReleaseCommandHandler commands;

  /// What the engine sees with.
  public record Inputs(
      ResourceSnapshot.Reader catalogue,
      Fleet fleet,
      GatewayRegistry gateways,
      CohortRegistry cohorts,
      BaselineStore baselines,
      ExternalWatch external,
      ControlClock clock,
      LongSupplier nanos) {}

  /// What it writes with.
  public record Outputs(
      ChangeExecutor changes,
      AnalysisStates states,
      ObservationStore notes,
      ProgressTracker progress,
      Publisher publisher,
      CrashPoints crashPoints) {}

  /// @param random thread-safe; makes the salts that split traffic
  /// @param wake told that a Service needs a pass
  public ReleaseEngine(
      Inputs eyes,
      Outputs hands,
      RolloutTiming timing,
      int warmUpRequests,
      RandomGenerator random,
      Consumer<ResourceRef> wake) {
    FactCollector factCollector =
        new FactCollector(eyes.gateways(), hands.publisher(), eyes.clock(), timing, warmUpRequests);
    AnalysisRunner runner =
        new AnalysisRunner(
            hands.states(),
            hands.notes(),
            eyes.cohorts(),
            eyes.baselines(),
            eyes.external(),
            eyes.clock(),
            timing.lookEvery(),
            hands.crashPoints());
    EvidenceStore evidence = new EvidenceStore(hands.notes());
    TransitionWriter writer =
        new TransitionWriter(
            eyes.catalogue(),
            hands.changes(),
            evidence,
            hands.publisher(),
            eyes.clock(),
            hands.crashPoints());
    Deployer deployer =
        new Deployer(
            eyes.fleet(), hands.notes(), eyes.nanos(), timing.quiet(), hands.crashPoints());
    this.reconciler =
        new ServiceReconciler(
            eyes.catalogue(),
            eyes.fleet(),
            factCollector,
            runner,
            new ReleaseGate(eyes.catalogue(), eyes.clock()),
            writer,
            hands.progress(),
            deployer,
            new OrderReconciler(hands.changes(), hands.publisher()::publish, hands.crashPoints()),
            new FaultReconciler(
                hands.changes(), eyes.clock(), hands.publisher()::publish, hands.crashPoints()),
            eyes.clock(),
            timing,
            () -> salt(random));
    this.commands =
        new ReleaseCommandHandler(
            eyes.catalogue(),
            eyes.fleet(),
            factCollector,
            runner,
            writer,
            evidence,
            new ReleaseForecasts(eyes.clock(), timing),
            eyes.clock(),
            () -> salt(random),
            wake);
  }

  /// One pass over one Service, or over what is left of it when it is gone.
  public Pass reconcile(String namespace, String service) {
    return reconciler.reconcile(namespace, service);
  }

  /// How a pass ended.
  public sealed interface Pass {
    /// There is something to do or to wait for: the next tick looks again.
    record Unsettled() implements Pass {}

    /// The Service serves what its spec wants and waits for nothing: as long as these inputs and
    /// what all Services share stay as they are, another pass finds the same.
    record Settled(Service service, List<TargetReplica> replicas) implements Pass {}
  }

  public RolloutOperations commands() {
    return commands;
  }

  private static String salt(RandomGenerator random) {
    return "%016x".formatted(random.nextLong());
  }
}
