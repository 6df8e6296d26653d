// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.api.RolloutCommands;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.deployment.Deployer;
import dev.weir.control.external.ExternalWatch;
import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.GatewayBook;
import dev.weir.control.observation.LookClock;
import dev.weir.control.observation.Notes;
import dev.weir.control.observation.ProgressBook;
import dev.weir.control.observation.Seen;
import dev.weir.control.operations.FaultKeeper;
import dev.weir.control.operations.OrderKeeper;
import dev.weir.control.publication.Publisher;
import dev.weir.control.telemetry.BaselineBook;
import dev.weir.control.telemetry.Cohorts;
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
  private final ReleaseCommands commands;

  /// What the engine sees with.
  public record Eyes(
      Catalogue.Reader catalogue,
      Fleet fleet,
      GatewayBook gateways,
      Cohorts cohorts,
      BaselineBook baselines,
      ExternalWatch external,
      LookClock clock,
      LongSupplier nanos) {}

  /// What it writes with.
  public record Hands(
      ChangeExecutor changes,
      AnalysisStates states,
      Notes notes,
      ProgressBook progress,
      Publisher publisher,
      CrashPoints crashPoints) {}

  /// @param random thread-safe; makes the salts that split traffic
  /// @param wake told that a Service needs a pass
  public ReleaseEngine(
      Eyes eyes,
      Hands hands,
      Timing timing,
      int warmUpRequests,
      RandomGenerator random,
      Consumer<ResourceRef> wake) {
    Survey survey =
        new Survey(eyes.gateways(), hands.publisher(), eyes.clock(), timing, warmUpRequests);
    AnalysisDesk desk =
        new AnalysisDesk(
            hands.states(),
            hands.notes(),
            eyes.cohorts(),
            eyes.baselines(),
            eyes.external(),
            eyes.clock(),
            timing.lookEvery(),
            hands.crashPoints());
    EvidenceBook evidence = new EvidenceBook(hands.notes());
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
            survey,
            desk,
            new Gate(eyes.catalogue(), eyes.clock()),
            writer,
            hands.progress(),
            deployer,
            new OrderKeeper(hands.changes(), hands.publisher()::publish, hands.crashPoints()),
            new FaultKeeper(
                hands.changes(), eyes.clock(), hands.publisher()::publish, hands.crashPoints()),
            eyes.clock(),
            timing,
            () -> salt(random));
    this.commands =
        new ReleaseCommands(
            eyes.catalogue(),
            eyes.fleet(),
            survey,
            desk,
            writer,
            evidence,
            new Outlooks(eyes.clock(), timing),
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
    record Settled(Service service, List<Seen> replicas) implements Pass {}
  }

  public RolloutCommands commands() {
    return commands;
  }

  private static String salt(RandomGenerator random) {
    return "%016x".formatted(random.nextLong());
  }
}
