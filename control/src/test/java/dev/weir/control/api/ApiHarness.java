// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.Bootstrap;
import dev.weir.control.access.Keys;
import dev.weir.control.alert.AlertOperations;
import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.audit.WitnessMemory;
import dev.weir.control.change.Change.Apply;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.control.observation.Views;
import dev.weir.control.operations.Acknowledgement;
import dev.weir.control.operations.FaultOperations;
import dev.weir.control.operations.ReplicaOperations;
import dev.weir.control.question.GatewayQuestions;
import dev.weir.control.rollout.RolloutOperations;
import dev.weir.control.validation.EnvironmentRules;
import dev.weir.model.ApiKey;
import dev.weir.model.Principal;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Service;
import dev.weir.model.spec.ApiKeySpec;
import dev.weir.model.spec.PrincipalSpec;
import dev.weir.model.spec.PrincipalSpec.PrincipalType;
import dev.weir.model.spec.RoleBindingSpec;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.status.Fault;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AdviceView;
import dev.weir.model.view.AlertTest;
import dev.weir.model.view.AlertView;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.FaultAnswer;
import dev.weir.model.view.FaultRequest;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.QueueView;
import dev.weir.model.view.ReleaseOutlook;
import dev.weir.model.view.Replayed;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import dev.weir.model.view.SettingView;
import dev.weir.model.view.SummaryView;
import dev.weir.runtime.ReplicaLog;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.Question;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The API on a real port over a real store in a folder, with fakes behind its ports.
final class ApiHarness implements AutoCloseable {
  final ManualClock clock = new ManualClock();
  final Store store;
  final ChangeExecutor changes;
  final FakeRollouts rollouts = new FakeRollouts();
  final FakeLink link = new FakeLink();
  final List<ReplicaView> replicas = new ArrayList<>();
  final List<GatewayView> gateways = new ArrayList<>();
  final List<ServiceView> serving = new ArrayList<>();
  Acknowledgement.Outcome acknowledged = new Acknowledgement.Outcome(List.of(), List.of());
  final FakeReplicas replicaOrders = new FakeReplicas();
  final FakeFaults faults = new FakeFaults();
  final FakeAlerts alerts = new FakeAlerts();
  final Map<ResourceRef, String> progress = new HashMap<>();
  final Map<ResourceRef, String> outOfSync = new HashMap<>();
  final String adminKey;
  final String gatewayKey;

  /// A port of Weir itself, for endpoints to be refused.
  static final int OWN_PORT = 8080;

  static final List<SettingView> SETTINGS =
      List.of(new SettingView("gatewayKey", "file:/run/key", "flag", "the key by reference"));

  private final ControlApi api;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  ApiHarness(Path folder) {
    this(folder, Optional.empty());
  }

  ApiHarness(Path folder, Optional<SSLContext> tls) {
    store = SqliteStore.open(folder, clock);
    changes = new StoreChangeExecutor(store);
    var random = new SecureRandom();
    adminKey = Keys.fresh(random);
    gatewayKey = Keys.fresh(random);
    var _ = Bootstrap.ensure(store, changes, adminKey, gatewayKey);
    api =
        ControlApi.start(
            new ControlApi.Options("127.0.0.1", 0, false, tls),
            new ControlApi.Dependencies(
                store,
                new AuditWitnesses(store, WitnessMemory.NONE, clock, clock),
                changes,
                new AccessControl(store, clock),
                new EnvironmentRules(
                    () -> Set.of(OWN_PORT),
                    host -> {
                      throw new UnknownHostException(host);
                    }),
                rollouts,
                replicaOrders,
                faults,
                alerts,
                new GatewayQuestions(List::of, random),
                () -> acknowledged,
                new Views() {
                  @Override
                  public List<ServiceView> serving() {
                    return serving;
                  }

                  @Override
                  public List<ReplicaView> replicas() {
                    return replicas;
                  }

                  @Override
                  public List<GatewayView> gateways() {
                    return gateways;
                  }

                  @Override
                  public List<QueueView> queues() {
                    return List.of(new QueueView("urgent", 0, 0), new QueueView("ordinary", 12, 0));
                  }

                  @Override
                  public Optional<String> outOfSync(Service service) {
                    return Optional.ofNullable(outOfSync.get(service.ref()));
                  }

                  @Override
                  public Optional<String> progress(Resource resource) {
                    return Optional.ofNullable(progress.get(resource.ref()));
                  }
                },
                SETTINGS,
                link,
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                clock,
                random));
  }

  void show(SSLContext next) {
    api.show(next);
  }

  int port() {
    return api.port();
  }

  void stopListening() {
    api.close();
  }

  /// An account with one role in one namespace (`*`: everywhere) and its key.
  String account(String name, Role role, String namespace) {
    boolean everywhere = namespace.equals("*");
    String at = everywhere ? "default" : namespace;
    String key = Keys.PREFIX + name + "-".repeat(Math.max(1, 43 - name.length()));
    put(
        new Principal(
            Metadata.of("", name),
            new PrincipalSpec(PrincipalType.USER, Optional.empty(), Optional.empty(), false),
            new NoStatus()));
    put(
        new RoleBinding(
            Metadata.of(at, name), new RoleBindingSpec(name, role, everywhere), new NoStatus()));
    put(
        new ApiKey(
            Metadata.of(at, name),
            new ApiKeySpec(
                name, Keys.hash(key), Keys.hint(key), Optional.empty(), List.of(), false, false),
            new NoStatus()));
    return key;
  }

  /// Writes as Weir itself.
  void put(Resource resource) {
    var _ = changes.execute(new Apply(resource, OptionalLong.empty()), Actor.WEIR, "test");
  }

  Reply get(String path) {
    return call("GET", path, adminKey, "");
  }

  Reply post(String path, String body, String... headers) {
    return call("POST", path, adminKey, body, headers);
  }

  Reply put(String path, String body, String... headers) {
    return call("PUT", path, adminKey, body, headers);
  }

  Reply delete(String path, String... headers) {
    return call("DELETE", path, adminKey, "", headers);
  }

  /// @param key empty for none
  Reply call(String method, String path, String key, String body, String... headers) {
    return call(method, path, key, body.getBytes(UTF_8), headers);
  }

  Reply call(String method, String path, String key, byte[] body, String... headers) {
    try {
      HttpResponse<String> response =
          http.send(
              request(path, key, headers)
                  .timeout(Duration.ofSeconds(30))
                  .method(
                      method,
                      body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                  .build(),
              BodyHandlers.ofString());
      return new Reply(response.statusCode(), response.body(), response);
    } catch (IOException e) {
      throw new IllegalStateException(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  EventReader events(String path, String key, String... headers) throws Exception {
    var response = http.send(request(path, key, headers).build(), BodyHandlers.ofInputStream());
    return new EventReader(response.statusCode(), response.body());
  }

  @Override
  public void close() {
    http.close();
    api.close();
    store.close();
  }

  private HttpRequest.Builder request(String path, String key, String... headers) {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return request;
  }

  record Reply(int status, String text, HttpResponse<String> response) {
    JsonNode json() {
      return JsonMapper.shared().readTree(text);
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    /// The last part of the problem's `type`.
    String problem() {
      String type = json().path("type").asString("");
      return type.substring(type.lastIndexOf('/') + 1);
    }

    List<String> errors() {
      return json()
          .path("errors")
          .valueStream()
          .map(e -> e.path("path").asString() + " " + e.path("message").asString())
          .toList();
    }
  }

  static final class FakeReplicas implements ReplicaOperations {
    final List<String> orders = new ArrayList<>();
    CommandResult next = new CommandResult.Done("done");
    Optional<ReplicaLog> log = Optional.empty();

    @Override
    public synchronized CommandResult order(Order order, Actor actor, String reason) {
      orders.add(order + " by " + actor.principal() + ": " + reason);
      return next;
    }

    @Override
    public Optional<ReplicaLog> log(String namespace, String replica, int lines, boolean previous) {
      return log;
    }
  }

  static final class FakeAlerts implements AlertOperations {
    final List<AlertView> now = new ArrayList<>();
    final List<String> calls = new ArrayList<>();

    @Override
    public List<AlertView> alerts() {
      return List.copyOf(now);
    }

    @Override
    public synchronized Optional<AlertView> retry(String id, Actor actor, String reason) {
      calls.add("retry " + id + " by " + actor.principal() + ": " + reason);
      return now.stream().filter(alert -> alert.id().equals(id)).findFirst();
    }

    @Override
    public synchronized Optional<AlertTest> test(String channel, Actor actor, String reason) {
      calls.add("test " + channel + " by " + actor.principal() + ": " + reason);
      return channel.equals("hooks") ? Optional.of(new AlertTest(true, "204")) : Optional.empty();
    }
  }

  static final class FakeFaults implements FaultOperations {
    final List<String> calls = new ArrayList<>();
    final List<Fault> now = new ArrayList<>();
    Result next = new Result.Done(new FaultAnswer("done", List.of()));

    @Override
    public synchronized Result inject(
        String namespace, FaultRequest request, boolean mayAffectReal, Actor actor, String reason) {
      calls.add(
          "inject %s at %s in %s by %s (real: %s): %s"
              .formatted(
                  request.kind().text(),
                  request.target(),
                  namespace,
                  actor.principal(),
                  mayAffectReal,
                  reason));
      return next;
    }

    @Override
    public List<Fault> list(String namespace) {
      return now;
    }

    @Override
    public synchronized Result clear(
        String namespace, Optional<String> name, Actor actor, String reason) {
      calls.add("clear %s in %s: %s".formatted(name.orElse("all"), namespace, reason));
      return next;
    }
  }

  static final class FakeRollouts implements RolloutOperations {
    final List<String> commands = new ArrayList<>();
    CommandResult next = new CommandResult.Done("done");

    private synchronized CommandResult take(
        String verb, ResourceRef ref, Actor actor, String reason) {
      commands.add(verb + " " + ref + " by " + actor.principal() + ": " + reason);
      return next;
    }

    @Override
    public CommandResult pause(ResourceRef rollout, Actor actor, String reason) {
      return take("pause", rollout, actor, reason);
    }

    @Override
    public CommandResult resume(ResourceRef rollout, Actor actor, String reason) {
      return take("resume", rollout, actor, reason);
    }

    @Override
    public CommandResult promote(ResourceRef rollout, Actor actor, String reason) {
      return take("promote", rollout, actor, reason);
    }

    @Override
    public CommandResult abort(ResourceRef rollout, Actor actor, String reason) {
      return take("abort", rollout, actor, reason);
    }

    @Override
    public CommandResult abortNow(ResourceRef rollout, Actor actor, String reason) {
      return take("abort now", rollout, actor, reason);
    }

    @Override
    public CommandResult override(
        ResourceRef rollout, Actor actor, String reason, Optional<Duration> lasts) {
      return take("override for " + lasts.orElse(Duration.ZERO), rollout, actor, reason);
    }

    @Override
    public CommandResult retry(ResourceRef rollout, Actor actor, String reason) {
      return take("retry", rollout, actor, reason);
    }

    @Override
    public CommandResult rollback(
        ResourceRef service, Optional<String> to, Actor actor, String reason) {
      return take("rollback" + to.map(" "::concat).orElse(""), service, actor, reason);
    }

    @Override
    public List<Replayed> replay(ResourceRef rollout) {
      return List.of(new Replayed(1, "Promote", Replayed.Outcome.SAME, "same decision"));
    }

    @Override
    public List<String> forecast(Service service) {
      return List.of("at 1 req/s the gate of step 1 needs 9 h");
    }

    @Override
    public Optional<String> traffic(Service service) {
      return Optional.of("from the last minutes: 4.8 requests/s");
    }

    @Override
    public Optional<AdviceView> advice(ResourceRef service) {
      return service.name().equals("chat")
          ? Optional.of(
              new AdviceView(
                  service.namespace() + "/" + service.name(),
                  "no requests",
                  0,
                  List.of(),
                  Optional.empty(),
                  "send some"))
          : Optional.empty();
    }

    @Override
    public Optional<ReleaseOutlook> outlook(Service service, List<Resource> together) {
      return Optional.of(
          new ReleaseOutlook(
              service.spec().release().strategy(),
              List.of(1.0, 5.0, 25.0, 50.0, 95.0),
              false,
              780,
              "surge",
              "surge: there is room",
              35,
              "a lease",
              List.of(new ReleaseOutlook.Usage("local", "H100", 2, 4, Optional.of(8))),
              .5,
              Optional.of(3.44),
              List.of("H100 at 6.88 USD an hour"),
              List.of("frozen")));
    }

    @Override
    public List<Evidence> evidence(ResourceRef rollout) {
      return List.of();
    }

    @Override
    public Optional<SummaryView> summary(ResourceRef rollout) {
      return Optional.of(
          new SummaryView(
              rollout.name() + " goes on.",
              List.of("wait"),
              List.of(),
              List.of(),
              .5,
              Optional.empty(),
              Optional.empty()));
    }
  }

  /// Publishes what it is told to and takes every batch.
  static final class FakeLink implements ControlLink {
    final List<Telemetry> batches = new ArrayList<>();
    final List<GatewayAnswer> answers = new ArrayList<>();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private Published newest = SnapshotCodec.publish(Snapshots.withSequence(Snapshots.small(), 1));

    synchronized void publish(long sequence) {
      newest = SnapshotCodec.publish(Snapshots.withSequence(Snapshots.small(), sequence));
      subscribers.forEach(s -> s.onNext(newest));
    }

    synchronized void ask(Question question) {
      subscribers.forEach(s -> s.onQuestion(question));
    }

    synchronized void fail() {
      subscribers.forEach(s -> s.onError(new IOException("gone")));
    }

    @Override
    public synchronized void subscribe(long afterSequence, Subscriber subscriber) {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long count) {}

            @Override
            public void cancel() {
              unsubscribe(subscriber);
            }
          });
      subscribers.add(subscriber);
      if (newest.snapshot().sequence() > afterSequence) {
        subscriber.onNext(newest);
      }
    }

    private synchronized void unsubscribe(Subscriber subscriber) {
      subscribers.remove(subscriber);
    }

    @Override
    public synchronized void answer(GatewayAnswer answer) {
      answers.add(answer);
    }

    @Override
    public synchronized TelemetryAck send(Telemetry telemetry) {
      batches.add(telemetry);
      return new TelemetryAck(telemetry.batch(), 30_000);
    }
  }
}
