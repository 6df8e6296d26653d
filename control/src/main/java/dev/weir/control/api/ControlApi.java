// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.DenialLog;
import dev.weir.control.alert.AlertOperations;
import dev.weir.control.api.call.CallLimiter;
import dev.weir.control.api.call.ListPages;
import dev.weir.control.api.call.StoreOutage;
import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.meter.ControlMeters;
import dev.weir.control.observation.Views;
import dev.weir.control.operations.Acknowledgement;
import dev.weir.control.operations.FaultOperations;
import dev.weir.control.operations.ReplicaOperations;
import dev.weir.control.pipeline.ChangePipeline;
import dev.weir.control.pipeline.ChangePlanner;
import dev.weir.control.question.GatewayQuestions;
import dev.weir.control.rollout.RolloutOperations;
import dev.weir.control.validation.EnvironmentRules;
import dev.weir.model.view.SettingView;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.metric.Metric;
import dev.weir.store.Store;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.BindException;
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

/// The HTTP server of the control plane: Jetty core with one handler and no servlets. Each call
/// runs on its own virtual thread.
///
/// This listener is small, its load is low, and arbitrary HTTP clients call it. Jetty is hardened
/// against malformed HTTP and supports blocking handlers on virtual threads. Here both matter more
/// than speed.
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

  /// The listener options.
  ///
  /// @param host an address of this machine
  /// @param port 0 selects any free port
  /// @param plaintextAllowed allows plain HTTP on an address beyond loopback, where keys are
  ///   readable in transit
  /// @param tls the certificate for connections; empty for plain HTTP
  public record Options(String host, int port, boolean plaintextAllowed, Optional<SSLContext> tls) {
    public Options {
      if (tls.isEmpty() && !plaintextAllowed && !loopback(host)) {
        throw new IllegalArgumentException(
            "control would listen on "
                + host
                + " without TLS, where keys are readable in transit: configure a certificate, listen"
                + " on 127.0.0.1, or allow plaintext explicitly");
      }
    }

    private static boolean loopback(String host) {
      try {
        return InetAddress.getByName(host).isLoopbackAddress();
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("unknown host to listen on: " + host, e);
      }
    }
  }

  /// The parts of the process that API calls use.
  ///
  /// @param settings of this process, without secrets; only administrators can read them
  /// @param random cryptographically strong; keys are generated from it
  public record Dependencies(
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
    public Dependencies {
      settings = List.copyOf(settings);
    }
  }

  private static String reason(Exception failure) {
    return failure.getCause() instanceof BindException bind
            && String.valueOf(bind.getMessage()).contains("in use")
        ? "the address is in use; `weir doctor` names the process; choose another with --control"
        : String.valueOf(failure.getMessage());
  }

  /// Starts the server. It accepts connections when this method returns.
  ///
  /// @throws IllegalStateException when the server cannot listen on the port
  public static ControlApi start(Options options, Dependencies parts) {
    InstantSource clock = parts.clock();
    PrometheusMeterRegistry metrics = parts.metrics();
    var watches = new CallLimiter("watches", MAX_WATCHES, clock);
    var gateways = new CallLimiter("gateways", MAX_GATEWAYS, clock);
    var logs = new CallLimiter("followed logs", MAX_LOGS, clock);
    streams(metrics, "watch", watches, MAX_WATCHES);
    streams(metrics, "gateway", gateways, MAX_GATEWAYS);
    streams(metrics, "log", logs, MAX_LOGS);
    var storeOutage = new StoreOutage(clock);
    var denialLog = new DenialLog(parts.store(), clock);
    var dispatcher =
        new Dispatcher(
            routes(parts, watches, gateways, logs, storeOutage),
            parts.accessControl(),
            denialLog,
            new IdempotencyKeys(parts.store().observations(), clock),
            storeOutage);
    var front =
        new JettyAdapter(
            dispatcher, new CallLimiter("calls", MAX_CALLS, clock), metrics, clock, parts.random());
    return listen(options, front, denialLog);
  }

  private static ApiRoutes routes(
      Dependencies parts,
      CallLimiter watches,
      CallLimiter gateways,
      CallLimiter logs,
      StoreOutage storeOutage) {
    Store store = parts.store();
    AccessControl access = parts.accessControl();
    var pipeline =
        new ChangePipeline(
            store,
            access,
            parts.environmentRules(),
            parts.changes(),
            parts.rollouts(),
            parts.clock());
    var planner =
        new ChangePlanner(store, access, parts.environmentRules(), parts.rollouts(), parts.clock());
    return new ApiRoutes(
        new ResourceCalls(store, pipeline, new ListPages(parts.random()), parts.views()),
        new ApplyCalls(pipeline, planner),
        new RolloutCalls(store, parts.rollouts()),
        new KeyCalls(store, pipeline, parts.random(), parts.acknowledgement()),
        new ViewCalls(store, parts.views(), parts.settings()),
        new AuditCalls(store, parts.witnesses()),
        new ReplicaCalls(parts.replicas(), parts.views(), access, logs),
        new FaultCalls(parts.faults()),
        new AlertCalls(parts.alerts()),
        new RequestCalls(parts.questions()),
        new WatchCalls(store, access, watches),
        new LinkCalls(parts.link(), access, gateways, storeOutage),
        new BackupCalls(store, new CallLimiter("backups", MAX_BACKUPS, parts.clock())),
        new PublicCalls(store, parts.metrics(), storeOutage));
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
          "cannot listen on " + options.host() + ":" + options.port() + ": " + reason(e), e);
    }
    ScheduledExecutorService ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("control-denials").factory());
    var _ =
        ticker.scheduleWithFixedDelay(
            () -> flush(denialLog), FLUSH_SECONDS, FLUSH_SECONDS, TimeUnit.SECONDS);
    LOG.atInfo()
        .addKeyValue("event", "api.listening")
        .addKeyValue("host", options.host())
        .addKeyValue("port", connector.getLocalPort())
        .log("The control API accepts requests");
    return new ControlApi(server, connector, tls, front, denialLog, ticker);
  }

  /// The port of the listener.
  public int port() {
    return connector.getLocalPort();
  }

  /// Uses another certificate for new connections. Open connections keep the old certificate.
  ///
  /// @throws IllegalStateException when the listener uses plain HTTP
  public void show(SSLContext next) {
    tls.orElseThrow(() -> new IllegalStateException("the control API has no TLS")).show(next);
  }

  /// Stops the listener, ends streams and waits up to five seconds for running calls.
  @Override
  public void close() {
    ticker.shutdownNow();
    front.endStreams();
    try {
      server.stop();
    } catch (Exception e) {
      LOG.atWarn()
          .addKeyValue("event", "api.stop.failed")
          .setCause(e)
          .log("The control API did not stop cleanly");
    }
    denialLog.close();
  }

  private static HttpConfiguration http() {
    var http = new HttpConfiguration();
    http.setSendServerVersion(false);
    // `weir doctor` compares clocks with this header.
    http.setSendDateHeader(true);
    http.setRequestHeaderSize(MAX_HEADER_BYTES);
    // Jetty caches the headers of a connection. By default it treats values that differ only in
    // case
    // as equal, but keys and Idempotency-Keys are case-sensitive.
    http.setHeaderCacheCaseSensitive(true);
    return http;
  }

  /// Catches failures, because the scheduler runs no further flush after an exception.
  private static void flush(DenialLog denialLog) {
    try {
      denialLog.flush();
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("event", "denials.flush.failed")
          .setCause(e)
          .log("Denied calls cannot be written to the audit log");
    }
  }

  private static void streams(
      PrometheusMeterRegistry metrics, String type, CallLimiter callLimiter, int most) {
    ControlMeters.gauge(
        metrics,
        Metric.API_STREAMS,
        Tags.of("type", type),
        () -> (double) most - callLimiter.free());
  }
}
