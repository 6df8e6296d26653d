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
import dev.weir.control.publication.Publisher;
import dev.weir.control.telemetry.BaselineStore;
import dev.weir.control.telemetry.CohortRegistry;
import dev.weir.model.Service;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.AnalysisStates;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// The wiring of releases: the reconcile pass and the operators' commands for all Services.
public final class ReleaseEngine {
  private final ReconcilePass pass;
  private final ReleaseCommandHandler commands;

  /// What the engine reads.
  public record Inputs(
      ResourceSnapshot.Reader catalogue,
      Fleet fleet,
      GatewayRegistry gateways,
      CohortRegistry cohorts,
      BaselineStore baselines,
      ExternalWatch external,
      ControlClock clock,
      LongSupplier nanos) {}

  /// What the engine writes to.
  public record Outputs(
      ChangeExecutor changes,
      AnalysisStates states,
      ObservationStore notes,
      ProgressTracker progress,
      Publisher publisher,
      CrashPoints crashPoints) {}

  /// @param random thread-safe; generates the salts that split traffic
  /// @param wake wakes a Service that needs a pass
  public ReleaseEngine(
      Inputs inputs,
      Outputs outputs,
      RolloutTiming timing,
      int warmUpRequests,
      RandomGenerator random,
      Consumer<ResourceRef> wake) {
    FactCollector factCollector =
        new FactCollector(
            inputs.gateways(), outputs.publisher(), inputs.clock(), timing, warmUpRequests);
    AnalysisRunner runner =
        new AnalysisRunner(
            outputs.states(),
            outputs.notes(),
            inputs.cohorts(),
            inputs.baselines(),
            inputs.external(),
            inputs.clock(),
            timing.lookEvery(),
            outputs.crashPoints());
    EvidenceStore evidence = new EvidenceStore(outputs.notes());
    TransitionWriter writer =
        new TransitionWriter(
            inputs.catalogue(),
            outputs.changes(),
            evidence,
            outputs.publisher(),
            inputs.clock(),
            outputs.crashPoints());
    Deployer deployer =
        new Deployer(
            inputs.fleet(), outputs.notes(), inputs.nanos(), timing.quiet(), outputs.crashPoints());
    this.pass =
        new ReconcilePass(
            inputs.catalogue(),
            inputs.fleet(),
            factCollector,
            new RolloutAnalyses(runner, factCollector, inputs.clock(), timing),
            new ReleaseGate(),
            writer,
            new ServiceDeployment(factCollector, deployer, inputs.clock()),
            outputs.progress(),
            inputs.clock(),
            () -> salt(random));
    this.commands =
        new ReleaseCommandHandler(
            inputs.catalogue(),
            inputs.fleet(),
            factCollector,
            runner,
            writer,
            evidence,
            new ReleaseSummaries(
                evidence, runner, inputs.baselines(), outputs.progress(), inputs.clock()),
            new ReleaseForecasts(inputs.clock(), timing),
            inputs.clock(),
            () -> salt(random),
            wake);
  }

  /// Runs one pass over one Service, or over the replicas that remain after its deletion.
  public Pass reconcile(String namespace, String service) {
    return pass.reconcile(namespace, service);
  }

  /// The result of a pass.
  public sealed interface Pass {
    /// The Service needs another pass at the next tick.
    record Unsettled() implements Pass {}

    /// The Service serves what its spec requires and waits for nothing. Another pass has the same
    /// result until these inputs or the inputs that all Services share change.
    record Settled(Service service, List<TargetReplica> replicas) implements Pass {}
  }

  public RolloutOperations commands() {
    return commands;
  }

  private static String salt(RandomGenerator random) {
    return "%016x".formatted(random.nextLong());
  }
}
