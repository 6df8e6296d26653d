// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.control.Control;
import dev.weir.control.ControlOptions;
import dev.weir.control.access.AccessControl;
import dev.weir.control.access.AccessDecision;
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
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.runtime.AddressRule;
import dev.weir.runtime.NameResolver;
import dev.weir.runtime.ProviderFactory;
import dev.weir.runtime.external.ExternalProviderFactory;
import dev.weir.runtime.external.ExternalProviderOptions;
import dev.weir.runtime.process.ProcessProviderFactory;
import dev.weir.runtime.process.ProcessProviderOptions;
import dev.weir.runtime.secret.SecretReader;
import dev.weir.server.configuration.Address;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import dev.weir.server.files.DataFolder;
import dev.weir.server.files.PrivateFiles;
import dev.weir.server.files.WitnessFile;
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

/// Wires one control plane: store, change executor, providers, reconcilers, API.
final class ControlPlane implements AutoCloseable {
  /// Time for replicas to finish requests. Few remain, because gateways drain first.
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
  private static final String ADMIN_KEY = "admin.key";
  private static final String GATEWAY_KEY = "gateway.key";
  private static final String REPLICAS = "replicas";

  /// Maximum number of damaged resources in the message.
  private static final int MAX_NAMED = 10;

  private final CloseStack closeStack;
  private final ListeningPorts listeningPorts = new ListeningPorts();
  private final AtomicReference<String> controlUrl = new AtomicReference<>("");
  private final boolean keepReplicas;
  private final BooleanSupplier shutdownRequested;
  private final Control control;
  private final ControlApi api;
  private final Optional<ServedCertificate> certificate;
  private final String url;
  private final Path adminKeyFile;
  private final AccessControl accessControl;

  private ControlPlane(
      Configuration configuration,
      TestHooks testHooks,
      BooleanSupplier shutdownRequested,
      CloseStack closeStack) {
    this.closeStack = closeStack;
    this.shutdownRequested = shutdownRequested;
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
    accessControl = new AccessControl(store, clock);

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
    closeStack.<AutoCloseable>add("control", this::closeControl);
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
                    accessControl,
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
    url = certificate.map(served -> served.url(bound)).orElseGet(() -> bound.url(false));
    controlUrl.set(url);
    certificate.ifPresent(served -> watch(served, metrics, clock));
  }

  /// @throws StoreException when the store is missing, has another identity, is damaged or cannot
  ///   be accessed
  private static Store openStore(
      Configuration configuration, Path data, InstantSource clock, SecureRandom random) {
    Opening opening =
        new Opening(configuration.flag(Setting.ADOPT_STORE), List.of(ADMIN_KEY, GATEWAY_KEY));
    SqliteStore store = SqliteStore.open(data, clock, random, Version.CURRENT, opening);
    try {
      requireWholeResources(store, data);
      LOG.atInfo()
          .addKeyValue("event", "store.opened")
          .addKeyValue("store", store.identity())
          .addKeyValue("adopt", opening.adopt())
          .log("The store is open");
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /// Refuses to start with damaged resources, because releases and routes depend on them.
  private static void requireWholeResources(SqliteStore store, Path data) {
    List<String> damaged = store.damagedResources(MAX_NAMED);
    if (!damaged.isEmpty()) {
      throw new StoreException(
          Trouble.DAMAGED,
          data.resolve("weir.db")
              + " is damaged: resources do not match their checksums ("
              + String.join("; ", damaged)
              + "). Nothing was started. Keep the file, and `weir restore` a backup into an empty"
              + " folder (table spec_history still contains their past specs)");
    }
  }

  private void watch(
      ServedCertificate served, PrometheusMeterRegistry metrics, InstantSource clock) {
    TlsWatch watch = closeStack.add("certificate", served.watch(api::show, clock));
    ControlMeters.gauge(metrics, Metric.CERTIFICATE_REMAINING, Tags.empty(), watch::secondsLeft);
  }

  /// Starts the control plane. If the start fails, closes the parts that have started.
  ///
  /// @param shutdownRequested whether the process is shutting down; if so, closing also stops
  ///   replicas unless `keepReplicas` is set
  static ControlPlane start(
      Configuration configuration, TestHooks testHooks, BooleanSupplier shutdownRequested) {
    CloseStack closeStack = new CloseStack();
    try {
      return new ControlPlane(configuration, testHooks, shutdownRequested, closeStack);
    } catch (RuntimeException e) {
      closeStack.close();
      throw e;
    }
  }

  /// Writes the key files before it stores the keys: after a crash in between, the next start uses
  /// the same keys.
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
        controlUrl::get);
  }

  /// The ports of this process; listeners are added when they start.
  ListeningPorts listeningPorts() {
    return listeningPorts;
  }

  int port() {
    return api.port();
  }

  String url() {
    return url;
  }

  /// The CA file for this control plane's certificate, if its chain ends in its own CA.
  Optional<Path> ownAuthority() {
    return certificate.flatMap(ServedCertificate::ownAuthority);
  }

  ControlLink link() {
    return control.feed();
  }

  Path adminKeyFile() {
    return adminKeyFile;
  }

  /// Whether the file contains a key that the control plane accepts.
  boolean accepts(Path keyFile) {
    return KeyFiles.key(keyFile)
        .map(key -> accessControl.authenticate(Optional.of(key)))
        .filter(AccessDecision.Allowed.class::isInstance)
        .isPresent();
  }

  private void closeControl() {
    if (shutdownRequested.getAsBoolean() && !keepReplicas) {
      control.stopReplicas(GRACE);
    } else {
      control.close();
    }
  }

  /// Closes the API. On shutdown it then stops the replicas, unless `keepReplicas` is set; replicas
  /// that keep running are adopted by the next start.
  @Override
  public void close() {
    closeStack.close();
  }
}
