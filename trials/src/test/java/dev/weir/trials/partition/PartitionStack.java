// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.partition;

import dev.weir.trials.partition.GatewayClients.Seen;
import dev.weir.trials.partition.LinkProxy.Mode;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.MetricSamples;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A control plane, gateways that each reach it through a proxy of their own, and clients of each
/// gateway.
final class PartitionStack implements AutoCloseable {
  private static final double REQUESTS_PER_SECOND = 14;

  private final TrialRun run;
  private final List<AutoCloseable> parts = new ArrayList<>();
  private final List<LinkProxy> links = new ArrayList<>();
  private final List<WeirProcess> gateways = new ArrayList<>();
  private final List<GatewayClients> clients = new ArrayList<>();
  private final WeirProcess.Launch launch;
  private final WeirProcess control;

  PartitionStack(TrialRun run) throws IOException, InterruptedException {
    this.run = run;
    Path folder = Files.createTempDirectory("weir-partition");
    launch = WeirProcess.Launch.control(folder, "control");
    control = WeirProcess.start(launch);
    parts.add(control);
  }

  /// Starts the gateways `gw-0`, `gw-1` and so on.
  void startGateways(int count) throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      LinkProxy link = new LinkProxy(controlPort());
      parts.add(link);
      links.add(link);
      String id = "gw-" + i;
      WeirProcess gateway =
          WeirProcess.start(
              WeirProcess.Launch.gateway(
                  launch.folder(),
                  id,
                  "http://127.0.0.1:" + link.port(),
                  "--id",
                  id,
                  "--key",
                  launch.gatewayKey()));
      parts.add(gateway);
      gateways.add(gateway);
    }
  }

  /// Starts clients of every gateway.
  void startClients() throws IOException, InterruptedException {
    String key = control.inferenceKey();
    for (WeirProcess gateway : gateways) {
      GatewayClients some = new GatewayClients(gateway.gateway(), key, REQUESTS_PER_SECOND);
      parts.add(some);
      clients.add(some);
    }
  }

  void stopClients() throws InterruptedException {
    for (GatewayClients some : clients) {
      some.stop();
    }
  }

  /// Ends the failure of a link and connects it to the control plane.
  void repair(int gateway) {
    links.get(gateway).leadTo(controlPort());
  }

  private int controlPort() {
    return URI.create(control.control()).getPort();
  }

  /// The key of the gateways.
  String gatewayKey() throws IOException {
    return Files.readString(launch.data().resolve("gateway.key")).strip();
  }

  WeirProcess control() {
    return control;
  }

  List<LinkProxy> links() {
    return links;
  }

  void set(int gateway, Mode mode) {
    links.get(gateway).set(mode);
  }

  MetricSamples metrics(int gateway) throws IOException, InterruptedException {
    return MetricSamples.ofGateway(gateways.get(gateway));
  }

  /// The requests of all clients so far.
  List<Seen> seen() {
    return clients.stream().flatMap(some -> some.seen().stream()).toList();
  }

  /// The answers of a version to requests through a gateway.
  ///
  /// @param afterNanos counts only requests sent after this time; 0 counts all
  long answeredBy(int gateway, String version, long afterNanos) {
    return clients.get(gateway).seen().stream()
        .filter(seen ->
            seen.version().equals(version) && (afterNanos == 0 || seen.atNanos() > afterNanos))
        .count();
  }

  /// Stops the gateways, then the control plane, which stops the replicas.
  @Override
  public void close() {
    for (AutoCloseable part : parts.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        run.fail("closing " + part + ": " + e);
      }
    }
  }
}
