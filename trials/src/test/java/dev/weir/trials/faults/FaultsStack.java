// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import dev.weir.trials.setup.FleetView;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A control plane and a gateway as processes, and three Services: `fleet` of engines that the
/// trial runs, `wire` of the same engines behind proxies that spoil, `own` of engines that Weir
/// runs. Traffic policy is the default but for timeouts.
final class FaultsStack implements AutoCloseable {
  static final int ENGINES = 6;
  private static final int OWN = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final int WARM_UP_CALLERS = 12;

  /// A little more than the total timeout.
  private static final long DEADLINE_MILLIS = 32_000;

  private static final String TIMEOUTS = "{connect: 1s, firstToken: 4s, stall: 2s, total: 30s}";
  private static final Pattern EXHAUSTED =
      Pattern.compile("^weir_retry_budget_exhausted_total[^ ]* ([0-9.E+]+)$", Pattern.MULTILINE);

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
    control =
        WeirProcess.start(
            WeirProcess.Launch.of(folder, "control", "control", "--control", "127.0.0.1:0"));
    gateway = WeirProcess.start(gateway(options));
    control.apply(manifest(traffic));
    key = control.inferenceKey();
    warmUp();
  }

  /// Processes that have just begun are slow; that is not what is tried here.
  private void warmUp() throws InterruptedException {
    for (FaultScenario.Way way : FaultScenario.Way.values()) {
      Load load = load(way, WARM_UP_CALLERS, 0);
      LockSupport.parkNanos(WARM_UP.toNanos());
      load.stop();
    }
  }

  private WeirProcess.Launch gateway(String options) {
    return WeirProcess.Launch.of(
            folder,
            "gateway",
            "gateway",
            "--gateway",
            "127.0.0.1:0",
            "--control",
            control.control(),
            "--key",
            "file:" + folder.resolve("control").resolve("gateway.key"))
        .environment(Map.of("WEIR_JAVA_OPTS", options));
  }

  private String manifest(String traffic) {
    return """
    apiVersion: weir.dev/v1
    kind: Target
    metadata: {name: there}
    spec: {provider: external}
    ---
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: fleet}
    spec: {owner: trials}
    ---
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: own}
    spec: {owner: trials}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: fleet-1}
    spec: {model: fleet, version: "1", engine: {type: vllm}}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: own-1}
    spec:
      model: own
      version: "1"
      engine: {type: sim, args: ["--profile", "%s"]}
    """
            .formatted(fleet.profile())
        + service("fleet", "fleet@1", external(fleet.directUrls()), traffic)
        + service("wire", "fleet@1", external(fleet.proxiedUrls()), traffic)
        + service("own", "own@1", "[{target: local, replicas: %d}]".formatted(OWN), traffic);
  }

  private static String external(List<String> urls) {
    String list = urls.stream().map(url -> '"' + url + '"').collect(Collectors.joining(", "));
    return "[{target: there, endpoints: {fleet@1: [%s]}}]".formatted(list);
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

  /// @param rate questions a second at most, 0 for as many as come
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

  /// Waits until control finds every engine ready.
  ///
  /// @return those that are not
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
    Matcher matcher =
        EXHAUSTED.matcher(gateway.get(gateway.gateway() + "/metrics", Map.of()).body());
    double sum = 0;
    while (matcher.find()) {
      sum += Double.parseDouble(matcher.group(1));
    }
    return (long) sum;
  }

  @Override
  public void close() {
    gateway.close();
    control.close();
    fleet.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
