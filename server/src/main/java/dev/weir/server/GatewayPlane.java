// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.gateway.Gateway;
import dev.weir.gateway.GatewayOptions;
import dev.weir.gateway.admission.LimitKind;
import dev.weir.gateway.admission.LimitScope;
import dev.weir.gateway.auth.KeyAuthenticator;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.gateway.link.QuestionResponders;
import dev.weir.gateway.recording.RecordingWorker;
import dev.weir.gateway.recording.Recordings;
import dev.weir.gateway.snapshot.Backoff;
import dev.weir.gateway.snapshot.DiskCopy;
import dev.weir.gateway.snapshot.DiskWriter;
import dev.weir.gateway.snapshot.LiveSnapshot;
import dev.weir.gateway.snapshot.SnapshotClient;
import dev.weir.gateway.snapshot.StoreFile;
import dev.weir.gateway.telemetry.AccessLog;
import dev.weir.gateway.telemetry.GatewayIdentity;
import dev.weir.gateway.telemetry.GatewayMetrics;
import dev.weir.gateway.telemetry.GatewayRecorder;
import dev.weir.gateway.telemetry.JsonAccessLog;
import dev.weir.gateway.telemetry.RecentRequests;
import dev.weir.gateway.telemetry.RequestSpans;
import dev.weir.gateway.telemetry.SteadyClock;
import dev.weir.gateway.telemetry.TelemetrySender;
import dev.weir.server.configuration.Address;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import dev.weir.server.files.PrivateFiles;
import dev.weir.server.files.RotatedFile;
import dev.weir.server.tls.TlsWatch;
import dev.weir.snapshot.ControlLink;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Wires one data plane: snapshot from disk or link, listener, telemetry.
final class GatewayPlane implements AutoCloseable {
  private static final Duration DRAIN = Duration.ofSeconds(20);

  /// Requests that `weir explain` can show: a few minutes of a busy gateway, a few megabytes.
  private static final int TRACED_REQUESTS = 8_192;

  private static final long ACCESS_LOG_BYTES = 256L * 1024 * 1024;
  private static final int MAX_PENDING_ACCESS_LINES = 16_384;

  private final CloseStack closeStack = new CloseStack();
  private final Gateway gateway;
  private final LiveSnapshot live;
  private final String url;

  private GatewayPlane(
      Configuration configuration, Path folder, ControlLink link, Set<Integer> otherPorts)
      throws IOException {
    InstantSource clock = InstantSource.system();
    LongSupplier nanos = System::nanoTime;
    SecureRandom random = new SecureRandom();
    Optional<ServedCertificate> certificate = ServedCertificate.of(configuration, Setting.GATEWAY);
    PrivateFiles.makeFolder(folder);

    live = new LiveSnapshot(clock, nanos);
    DiskCopy disk = new DiskCopy(folder.resolve("snapshot.json"));
    StoreFile storeFile = new StoreFile(folder.resolve("store"));
    live.restore(disk, storeFile);
    DiskWriter writer = closeStack.add("disk copy", new DiskWriter(disk, storeFile));
    live.store().onChange(writer::offer);
    if (configuration.flag(Setting.ADOPT_STORE)) {
      live.store().adoptNext();
    }
    GatewayMetrics metrics = closeStack.add("metrics", new GatewayMetrics(nanos));
    SteadyClock steady = new SteadyClock(clock, nanos);
    GatewayRecorder recorder =
        new GatewayRecorder(steady, live, metrics, accessLog(configuration, clock, metrics));
    live.onSwap(recorder::snapshotSwapped);
    metrics.gaugeLease(live.lease()::remainingMillis);
    metrics.gaugeRefusedStore(() -> live.store().refused().isEmpty() ? 0 : 1);

    GatewayIdentity identity = identity(configuration, folder, random);
    RecentRequests memory =
        new RecentRequests(recorder, steady, identity.gateway(), TRACED_REQUESTS);
    Recordings recordings = Recordings.with(clock::millis);
    closeStack.add(
        "recordings",
        new RecordingWorker(
            recordings,
            folder.resolve("recordings"),
            live::current,
            System.getenv(),
            random,
            clock,
            nanos));
    Address address = configuration.address(Setting.GATEWAY);
    gateway =
        Gateway.start(
            new GatewayOptions(address.host(), address.port())
                .withTls(certificate.map(ServedCertificate::context))
                .withOtherParts(otherPorts, System.getenv())
                .allowing(allowedOrigins(configuration))
                .recordingTo(recordings),
            live,
            new KeyAuthenticator(clock),
            traced(configuration, memory, steady, identity),
            metrics::scrape,
            new SplittableRandom(random.nextLong()),
            nanos);
    metrics.gaugeBreakers(gateway.breakers());
    metrics.gaugeWaiting(gateway::waiting);
    metrics.gaugeLoops(gateway::loopLagNanos, gateway::shed, gateway::clientsLeft);
    metrics.gaugeLimited(gateway::limited);
    metrics.countMirrored(gateway.mirrored());
    metrics.countGenerated(gateway.generated());
    metrics.countRecorded(recordings.counts());
    metrics.gaugeRecordings(recordings.held());
    metrics.countShadowed(gateway.shadowed());
    metrics.countGraded(gateway.graded());
    for (LimitScope scope : LimitScope.values()) {
      for (LimitKind what : LimitKind.values()) {
        metrics.countLimit(scope.label(), what.label(), () -> gateway.refusals(scope, what));
      }
    }
    Address bound = address.withPort(gateway.port());
    url = certificate.map(served -> served.url(bound)).orElseGet(() -> bound.url(false));
    certificate.ifPresent(served -> {
      TlsWatch watch =
          closeStack.add("certificate", served.watch(gateway::replaceCertificate, clock));
      metrics.gaugeCertificate(watch::secondsLeft);
    });
    TelemetrySender sender =
        closeStack.add(
            "telemetry",
            new TelemetrySender(
                link,
                identity,
                live,
                live.store(),
                live::answered,
                recorder,
                gateway::inFlight,
                () ->
                    Stream.concat(recordings.problems().stream(), gateway.problems().stream())
                        .toList(),
                steady));
    QuestionResponders responders =
        closeStack.add(
            "responders",
            new QuestionResponders(
                link,
                identity.gateway(),
                identity.boot(),
                Map.of(RecentRequests.QUESTION, memory::explain)));
    SnapshotClient snapshotClient =
        closeStack.add(
            "snapshot feed",
            new SnapshotClient(
                link, live, writer, responders, new Backoff(200, 5_000), random, nanos));
    sender.start();
    snapshotClient.start();
  }

  /// @param folder folder of the gateway's files
  /// @param otherPorts ports on which other parts of Weir listen on this machine
  static GatewayPlane start(
      Configuration configuration, Path folder, ControlLink link, Set<Integer> otherPorts)
      throws IOException {
    return new GatewayPlane(configuration, folder, link, otherPorts);
  }

  private static Set<String> allowedOrigins(Configuration configuration) {
    return Stream.of(configuration.text(Setting.GATEWAY_ALLOWED_ORIGINS).split(",", -1))
        .map(String::strip)
        .filter(origin -> !origin.isEmpty())
        .collect(Collectors.toUnmodifiableSet());
  }

  private AccessLog accessLog(
      Configuration configuration, InstantSource clock, GatewayMetrics metrics) throws IOException {
    String name = configuration.text(Setting.ACCESS_LOG);
    if (name.isEmpty()) {
      return AccessLog.OFF;
    }
    OutputStream out =
        name.equals("-")
            ? new FileOutputStream(FileDescriptor.out)
            : new RotatedFile(Path.of(name), ACCESS_LOG_BYTES);
    JsonAccessLog log =
        closeStack.add("access log", new JsonAccessLog(clock, out, MAX_PENDING_ACCESS_LINES));
    metrics.gaugeAccessLog(log::dropped);
    return log;
  }

  private RequestRecorder traced(
      Configuration configuration,
      RequestRecorder next,
      SteadyClock steady,
      GatewayIdentity identity) {
    String endpoint = configuration.text(Setting.OTLP_ENDPOINT);
    if (endpoint.isEmpty()) {
      return next;
    }
    double share = Double.parseDouble(configuration.text(Setting.OTLP_SHARE));
    return closeStack.add("spans", RequestSpans.to(endpoint, share, next, steady, identity));
  }

  private static GatewayIdentity identity(
      Configuration configuration, Path folder, SecureRandom random) throws IOException {
    String id = configuration.text(Setting.GATEWAY_ID);
    return id.isEmpty()
        ? GatewayIdentity.inFolder(folder, Version.CURRENT, random)
        : GatewayIdentity.named(id, Version.CURRENT, random);
  }

  int port() {
    return gateway.port();
  }

  String url() {
    return url;
  }

  boolean ready() {
    return live.notReadyReason().isEmpty();
  }

  /// Drains requests in flight, then disconnects from the control plane.
  @Override
  public void close() {
    gateway.drain(DRAIN);
    gateway.close();
    closeStack.close();
  }
}
