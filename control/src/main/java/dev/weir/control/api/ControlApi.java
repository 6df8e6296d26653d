// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.DenialLog;
import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.meter.ControlMeters;
import dev.weir.control.question.GatewayQuestions;
import dev.weir.control.validation.EnvironmentRules;
import dev.weir.model.SettingView;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.metric.Metric;
import dev.weir.store.Store;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The control plane's HTTP server: Jetty's core (no servlets: there is one handler), a virtual
/// thread for each call.
///
/// Jetty was chosen because this listener is small, not hot and faces people's tools: a library
/// with decades of hardening against odd HTTP, no annotations, and blocking handlers on virtual
/// threads, is worth more here than speed.
public final class ControlApi implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlApi.class);
  private static final int MAX_CALLS = 256;
  private static final int MAX_WATCHES = 256;
  private static final int MAX_GATEWAYS = 512;
  private static final int MAX_LOGS = 32;
  private static final int MAX_BACKUPS = 2;
  private static final int MAX_CONNECTIONS = 2_048;
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final long IDLE_MILLIS = 30_000;
  static final Duration STOP_TIME = Duration.ofSeconds(5);
  private static final long FLUSH_SECONDS = 10;

  private final Server server;
  private final ServerConnector connector;
  private final Optional<TlsConnector> tls;
  private final JettyAdapter front;
  private final DenialLog denialLog;
  private final ScheduledExecutorService ticker;

  private ControlApi(
      Server server,
      ServerConnector connector,
      Optional<TlsConnector> tls,
      JettyAdapter front,
      DenialLog denialLog,
      ScheduledExecutorService ticker) {
    this.server = server;
    this.connector = connector;
    this.tls = tls;
    this.front = front;
    this.denialLog = denialLog;
    this.ticker = ticker;
  }

  /// Where to listen.
  ///
  /// @param host an address of this machine
  /// @param port 0 for any free one
  /// @param plaintextAllowed keys would travel readable beyond this machine; must be said
  /// @param tls what connections are shown; empty for plain HTTP
  public record Options(String host, int port, boolean plaintextAllowed, Optional<SSLContext> tls) {
    public Options {
      if (tls.isEmpty() && !plaintextAllowed && !loopback(host)) {
        throw new IllegalArgumentException(
            "control would listen on "
                + host
                + " without TLS, where keys could be read on the way: give it a certificate, listen"
                + " on 127.0.0.1, or allow plaintext explicitly");
      }
    }

    private static boolean loopback(String host) {
      try {
        return InetAddress.getByName(host).isLoopbackAddress();
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("no such host to listen on: " + host, e);
      }
    }
  }

  /// Listens when it returns.
  ///
  /// @param settings of this process, for administrators; no secrets
  /// @param random cryptographically strong: keys are made from it
  /// @throws IllegalStateException when the port cannot be had
  public static ControlApi start(
      Options options,
      Store store,
      AuditWitnesses witnesses,
      ChangeExecutor changes,
      AccessControl accessControl,
      EnvironmentRules environmentRules,
      RolloutOperations rollouts,
      ReplicaOperations replicas,
      FaultOperations faults,
      AlertOperations alerts,
      GatewayQuestions questions,
      Acknowledgement acknowledgement,
      Views views,
      List<SettingView> settings,
      ControlLink link,
      PrometheusMeterRegistry metrics,
      InstantSource clock,
      RandomGenerator random) {
    var watches = new CallLimiter("watches", MAX_WATCHES, clock);
    var gateways = new CallLimiter("gateways", MAX_GATEWAYS, clock);
    var logs = new CallLimiter("followed logs", MAX_LOGS, clock);
    var storeOutage = new StoreOutage(clock);
    var writer = new ChangeWriter(store, changes, accessControl, environmentRules);
    var routes =
        new ApiRoutes(
            new ResourceCalls(store, writer, new ListPages(random), views),
            new ApplyCalls(store, writer, rollouts),
            new RolloutCalls(store, rollouts),
            new KeyCalls(store, writer, random, acknowledgement),
            new ViewCalls(store, views, settings),
            new AuditCalls(store, witnesses),
            new ReplicaCalls(replicas, views, accessControl, logs),
            new FaultCalls(faults),
            new AlertCalls(alerts),
            new RequestCalls(questions),
            new WatchCalls(store, accessControl, watches),
            new LinkCalls(link, accessControl, gateways, storeOutage),
            new BackupCalls(store, new CallLimiter("backups", MAX_BACKUPS, clock)),
            new PublicCalls(store, metrics, storeOutage));
    streams(metrics, "watch", watches, MAX_WATCHES);
    streams(metrics, "gateway", gateways, MAX_GATEWAYS);
    streams(metrics, "log", logs, MAX_LOGS);
    var denialLog = new DenialLog(store, clock);
    var dispatcher =
        new Dispatcher(
            routes,
            accessControl,
            denialLog,
            new IdempotencyKeys(store.observations(), clock),
            storeOutage);
    var front =
        new JettyAdapter(
            dispatcher, new CallLimiter("calls", MAX_CALLS, clock), metrics, clock, random);
    return listen(options, front, denialLog);
  }

  private static ControlApi listen(Options options, JettyAdapter front, DenialLog denialLog) {
    var threads = new QueuedThreadPool(32);
    threads.setName("control-api");
    threads.setVirtualThreadsExecutor(
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("control-call-", 0).factory()));
    var server = new Server(threads);
    var plain = new HttpConnectionFactory(http());
    Optional<TlsConnector> tls = options.tls().map(TlsConnector::new);
    var connector =
        new ServerConnector(
            server,
            1,
            1,
            tls.map(secured -> new ConnectionFactory[] {secured, plain})
                .orElseGet(() -> new ConnectionFactory[] {plain}));
    connector.setHost(options.host());
    connector.setPort(options.port());
    connector.setIdleTimeout(IDLE_MILLIS);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, connector));
    server.setHandler(front);
    server.setErrorHandler(new ProblemErrorHandler());
    server.setStopTimeout(STOP_TIME.toMillis());
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException(
          "cannot listen on " + options.host() + ":" + options.port() + ": " + e.getMessage(), e);
    }
    ScheduledExecutorService ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("control-denials").factory());
    var _ =
        ticker.scheduleWithFixedDelay(
            () -> flush(denialLog), FLUSH_SECONDS, FLUSH_SECONDS, TimeUnit.SECONDS);
    LOG.info("event=api.listening host={} port={}", options.host(), connector.getLocalPort());
    return new ControlApi(server, connector, tls, front, denialLog, ticker);
  }

  /// The port that is listened on.
  public int port() {
    return connector.getLocalPort();
  }

  /// Shows another certificate to connections from now on; those that are open keep theirs.
  ///
  /// @throws IllegalStateException when it listens in plain HTTP
  public void show(SSLContext next) {
    tls.orElseThrow(() -> new IllegalStateException("the control API has no TLS")).show(next);
  }

  /// Stops listening, ends watches, lets running calls finish for a moment.
  @Override
  public void close() {
    ticker.shutdownNow();
    front.endStreams();
    try {
      server.stop();
    } catch (Exception e) {
      LOG.warn("event=api.stop.failed", e);
    }
    denialLog.close();
  }

  private static HttpConfiguration http() {
    var http = new HttpConfiguration();
    http.setSendServerVersion(false);
    // `weir doctor` compares clocks by it.
    http.setSendDateHeader(true);
    http.setRequestHeaderSize(MAX_HEADER_BYTES);
    // Jetty remembers a connection's headers, and by default takes one that differs in case only
    // for the one before it: another key, or another Idempotency-Key, is another value.
    http.setHeaderCacheCaseSensitive(true);
    return http;
  }

  /// A tick that failed must not be the last one.
  private static void flush(DenialLog denialLog) {
    try {
      denialLog.flush();
    } catch (RuntimeException e) {
      LOG.error("event=denials.flush.failed", e);
    }
  }

  private static void streams(
      PrometheusMeterRegistry metrics, String sort, CallLimiter callLimiter, int most) {
    ControlMeters.gauge(
        metrics,
        Metric.API_STREAMS,
        Tags.of("sort", sort),
        () -> (double) most - callLimiter.free());
  }
}
