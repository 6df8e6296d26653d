// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import dev.weir.trials.setup.FleetView;
import dev.weir.trials.setup.MetricSamples;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A control plane and a gateway as processes, and three Services: `fleet` on engines that the
/// trial runs, `wire` on the same engines behind proxies that inject faults, and `own` on engines
/// that Weir runs. Only the timeouts differ from the default traffic policy.
final class FaultsStack implements AutoCloseable {
  static final int ENGINES = 6;
  private static final int OWN = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final int WARM_UP_CALLERS = 12;

  /// A little more than the total timeout.
  private static final long DEADLINE_MILLIS = 32_000;

  private static final String TIMEOUTS = "{connect: 1s, firstToken: 4s, stall: 2s, total: 30s}";

  private final Path folder = Files.createTempDirectory("weir-faults");
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final EventLoop clients = loops.next();
  private final FaultyFleet fleet;
  private final WeirProcess control;
  private final WeirProcess gateway;
  private final String key;
  private final long seed;
  private long asked;

  /// @param traffic more of the Services' traffic policy, as YAML
  /// @param options of the gateway's JVM
  FaultsStack(long seed, String traffic, String options) throws IOException, InterruptedException {
    this.seed = seed;
    fleet = new FaultyFleet(WeirProcess.launcher(), folder, loops.next(), ENGINES, seed);
    WeirProcess.Launch launch = WeirProcess.Launch.control(folder, "control");
    control = WeirProcess.start(launch);
    gateway =
        WeirProcess.start(
            WeirProcess.Launch.gateway(
                    folder, "gateway", control.control(), "--key", launch.gatewayKey())
                .environment(Map.of("WEIR_JAVA_OPTS", options)));
    control.apply(manifest(traffic));
    key = control.inferenceKey();
    warmUp();
  }

  /// Processes are slow just after their start.
  private void warmUp() throws InterruptedException {
    for (FaultScenario.Way way : FaultScenario.Way.values()) {
      Load load = load(way, WARM_UP_CALLERS, 0);
      LockSupport.parkNanos(WARM_UP.toNanos());
      load.stop();
    }
  }

  private String manifest(String traffic) {
    return TrialManifests.externalTarget()
        + TrialManifests.externalModel("fleet", 1)
        + TrialManifests.model("own")
        + TrialManifests.version(
            "own", 1, TrialManifests.simulator("--profile", fleet.profile().toString()))
        + service("fleet", "fleet@1", external(fleet.directUrls()), traffic)
        + service("wire", "fleet@1", external(fleet.proxiedUrls()), traffic)
        + service("own", "own@1", "[{target: local, replicas: %d}]".formatted(OWN), traffic);
  }

  private static String external(List<String> urls) {
    return "[{target: there, endpoints: {fleet@1: %s}}]".formatted(TrialManifests.strings(urls));
  }

  private static String service(String name, String version, String placements, String traffic) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %s}
    spec:
      version: %s
      placements: %s
      traffic: {timeouts: %s%s}
    """
        .formatted(name, version, placements, TIMEOUTS, traffic);
  }

  FaultyFleet fleet() {
    return fleet;
  }

  WeirProcess gateway() {
    return gateway;
  }

  /// @param rate requests a second at most, 0 for no limit
  Load load(FaultScenario.Way way, int callers, double rate) {
    long first = asked;
    asked += 10_000_000;
    return Load.start(
        clients,
        new Load.Terms(
            URI.create(gateway.gateway()),
            key,
            way.service(),
            seed,
            first,
            callers,
            rate,
            DEADLINE_MILLIS));
  }

  /// Processes of the engines that Weir runs.
  List<Long> ownPids() throws IOException, InterruptedException {
    return FleetView.of(control).all().stream()
        .map(FleetView.One::pid)
        .filter(pid -> pid > 0)
        .toList();
  }

  /// Waits until the control plane reports every engine as ready.
  ///
  /// @return the replicas that are not
  List<FleetView.One> unready() throws IOException, InterruptedException {
    FleetView view =
        FleetView.await(
            control,
            PATIENCE,
            now -> now.all().stream().filter(FleetView.One::ready).count() == 2 * ENGINES + OWN);
    return view.all().stream().filter(one -> !one.ready()).toList();
  }

  /// Requests that failed since the start because the retry budget was spent.
  long budgetSpent() throws IOException, InterruptedException {
    return MetricSamples.ofGateway(gateway).sum("weir_retry_budget_exhausted_total");
  }

  @Override
  public void close() {
    gateway.close();
    control.close();
    fleet.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
