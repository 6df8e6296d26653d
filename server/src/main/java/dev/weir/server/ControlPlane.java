// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.control.Control;
import dev.weir.control.ControlOptions;
import dev.weir.control.access.AccessControl;
import dev.weir.control.access.Bootstrap;
import dev.weir.control.access.Keys;
import dev.weir.control.alert.Notifier;
import dev.weir.control.api.ControlApi;
import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.control.channel.MessageFormatter;
import dev.weir.control.channel.MessageSender;
import dev.weir.control.external.PrometheusMetricProvider;
import dev.weir.control.meter.ControlMeters;
import dev.weir.control.outward.OutboundHttp;
import dev.weir.control.validation.EnvironmentRules;
import dev.weir.model.TargetSpec.ProviderType;
import dev.weir.runtime.AddressRule;
import dev.weir.runtime.NameResolver;
import dev.weir.runtime.ProviderFactory;
import dev.weir.runtime.external.ExternalProviderFactory;
import dev.weir.runtime.external.ExternalProviderOptions;
import dev.weir.runtime.process.ProcessProviderFactory;
import dev.weir.runtime.process.ProcessProviderOptions;
import dev.weir.runtime.secret.SecretReader;
import dev.weir.server.tls.TlsWatch;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.metric.Metric;
import dev.weir.store.Opening;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import dev.weir.store.sqlite.SqliteStore;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One control plane, wired: store, the door for changes, providers, reconcilers, API.
final class ControlPlane implements AutoCloseable {
  /// For replicas to end what they are answering, which is little: gateways have drained before.
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
  private static final String ADMIN_KEY = "admin.key";
  private static final String GATEWAY_KEY = "gateway.key";
  private static final String REPLICAS = "replicas";

  /// How many damaged resources are named.
  private static final int MOST_NAMED = 10;

  private final CloseStack closeStack;
  private final ListeningPorts listeningPorts = new ListeningPorts();
  private final AtomicReference<String> reached = new AtomicReference<>("");
  private final boolean keepReplicas;
  private final BooleanSupplier toldToEnd;
  private final Control control;
  private final ControlApi api;
  private final Optional<ServedCertificate> certificate;
  private final String url;
  private final Path adminKeyFile;

  private ControlPlane(
      Configuration configuration,
      TestHooks testHooks,
      BooleanSupplier toldToEnd,
      CloseStack closeStack) {
    this.closeStack = closeStack;
    this.toldToEnd = toldToEnd;
    InstantSource clock = InstantSource.system();
    SecureRandom random = new SecureRandom();
    Path data = configuration.path(Setting.DATA);
    certificate = ServedCertificate.of(configuration, Setting.CONTROL);
    DataFolder.requireUsable(data, data.resolve(REPLICAS));
    keepReplicas = configuration.flag(Setting.KEEP_REPLICAS);

    Store store = closeStack.add("store", openStore(configuration, data, clock, random));
    AuditWitnesses witnesses =
        new AuditWitnesses(store, new WitnessFile(data), clock, testHooks.nanos());
    ChangeExecutor changes = new StoreChangeExecutor(store);
    adminKeyFile = data.resolve(ADMIN_KEY);
    firstKeys(store, changes, data, random);

    Address address = configuration.address(Setting.CONTROL);
    control =
        Control.start(
            store,
            witnesses,
            changes,
            providers(data, clock, testHooks),
            NameResolver.SYSTEM,
            notifier(clock),
            closeStack.add(
                "probe",
                new PrometheusMetricProvider(
                    new OutboundHttp(addresses()),
                    reference -> SecretReader.read(reference, System.getenv()))),
            ControlOptions.defaults(),
            clock,
            testHooks.nanos(),
            random,
            testHooks.crashPoints());
    closeStack.<AutoCloseable>add("control", this::endControl);
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    control.bindTo(metrics);
    api =
        closeStack.add(
            "api",
            ControlApi.start(
                new ControlApi.Options(
                    address.host(),
                    address.port(),
                    configuration.flag(Setting.PLAINTEXT_BEYOND_LOOPBACK),
                    certificate.map(ServedCertificate::context)),
                new ControlApi.Dependencies(
                    store,
                    witnesses,
                    changes,
                    new AccessControl(store, clock),
                    new EnvironmentRules(listeningPorts, NameResolver.SYSTEM),
                    control.commands(),
                    control.replicas(),
                    control.faults(),
                    control.alerts(),
                    control.questions(),
                    control.acknowledgement(),
                    control.views(),
                    configuration.settings(),
                    control.feed(),
                    metrics,
                    clock,
                    random)));
    listeningPorts.add(api.port());
    Address bound = address.withPort(api.port());
    url = certificate.map(shown -> shown.url(bound)).orElseGet(() -> bound.url(false));
    reached.set(url);
    certificate.ifPresent(shown -> watch(shown, metrics, clock));
  }

  /// @throws StoreException when the store is missing, another one or damaged, or the medium fails
  private static Store openStore(
      Configuration configuration, Path data, InstantSource clock, SecureRandom random) {
    Opening opening =
        new Opening(configuration.flag(Setting.ADOPT_STORE), List.of(ADMIN_KEY, GATEWAY_KEY));
    SqliteStore store = SqliteStore.open(data, clock, random, Version.CURRENT, opening);
    try {
      requireWholeResources(store, data);
      LOG.info("event=store.opened store={} adopt={}", store.identity(), opening.adopt());
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /// What a release or a route is decided from must be what was written.
  private static void requireWholeResources(SqliteStore store, Path data) {
    List<String> damaged = store.damagedResources(MOST_NAMED);
    if (!damaged.isEmpty()) {
      throw new StoreException(
          Trouble.DAMAGED,
          data.resolve("weir.db")
              + " is damaged: resources are not what was written ("
              + String.join("; ", damaged)
              + "). Nothing was started. Keep the file, and `weir restore` a backup into an empty"
              + " folder (table spec_history still holds each spec that they had)");
    }
  }

  private void watch(
      ServedCertificate shown, PrometheusMeterRegistry metrics, InstantSource clock) {
    TlsWatch watch = closeStack.add("certificate", shown.watch(api::show, clock));
    ControlMeters.gauge(metrics, Metric.CERTIFICATE_REMAINING, Tags.empty(), watch::secondsLeft);
  }

  /// A start that fails closes what it has started.
  ///
  /// @param toldToEnd whether the process has been told to end: then replicas stop with the control
  ///   plane, unless they are to be kept
  static ControlPlane start(
      Configuration configuration, TestHooks testHooks, BooleanSupplier toldToEnd) {
    CloseStack closeStack = new CloseStack();
    try {
      return new ControlPlane(configuration, testHooks, toldToEnd, closeStack);
    } catch (RuntimeException e) {
      closeStack.close();
      throw e;
    }
  }

  /// The key files are written before the keys are stored: a crash in between is harmless, the next
  /// start goes on with the same keys.
  private void firstKeys(Store store, ChangeExecutor changes, Path data, SecureRandom random) {
    if (Bootstrap.done(store)) {
      return;
    }
    Bootstrap.ensure(
        store,
        changes,
        PrivateFiles.readOrCreate(adminKeyFile, () -> Keys.fresh(random)),
        PrivateFiles.readOrCreate(data.resolve(GATEWAY_KEY), () -> Keys.fresh(random)));
  }

  private Map<ProviderType, ProviderFactory> providers(
      Path data, InstantSource clock, TestHooks testHooks) {
    return Map.of(
        ProviderType.PROCESS,
        new ProcessProviderFactory(
            testHooks
                .processes()
                .apply(
                    ProcessProviderOptions.of(
                        data.resolve(REPLICAS), SelfCommand.sim(), clock, System::nanoTime))),
        ProviderType.EXTERNAL,
        new ExternalProviderFactory(
            ExternalProviderOptions.of(clock, addresses(), System.getenv())));
  }

  private AddressRule addresses() {
    return new AddressRule(listeningPorts, NameResolver.SYSTEM);
  }

  private Notifier notifier(InstantSource clock) {
    return new Notifier(
        new MessageFormatter(reference -> SecretReader.read(reference, System.getenv())),
        new MessageSender(new OutboundHttp(addresses()), clock),
        reached::get);
  }

  /// Grows as listeners come to be.
  ListeningPorts listeningPorts() {
    return listeningPorts;
  }

  int port() {
    return api.port();
  }

  String url() {
    return url;
  }

  /// The file by which this control plane's own certificate can be checked, where there is one.
  Optional<Path> ownAuthority() {
    return certificate.flatMap(ServedCertificate::ownAuthority);
  }

  ControlLink link() {
    return control.feed();
  }

  Path adminKeyFile() {
    return adminKeyFile;
  }

  private void endControl() {
    if (toldToEnd.getAsBoolean() && !keepReplicas) {
      control.stopReplicas(GRACE);
    } else {
      control.close();
    }
  }

  /// The API closes, then replicas stop when the process was told to end and they are not to be
  /// kept; else they keep running and are adopted by the next start.
  @Override
  public void close() {
    closeStack.close();
  }
}
