// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Resource;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.notation.Durations;
import dev.weir.model.status.Fault;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AdviceView;
import dev.weir.model.view.AlertTest;
import dev.weir.model.view.AlertView;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.AuditReport;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.FaultAnswer;
import dev.weir.model.view.FaultRequest;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.QueueView;
import dev.weir.model.view.Replayed;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import dev.weir.model.view.SettingView;
import dev.weir.model.view.StoreView;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;

/// The client of the control API. Blocking and thread-safe.
///
/// Every method throws [WeirApiException] when the control plane rejects the request and
/// [WeirUnreachableException] when no response arrives.
public final class WeirClient implements AutoCloseable {
  /// Includes the TLS handshake, which takes seconds during a cold start on a busy machine.
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /// The control plane creates the copy before it responds.
  private static final Duration BACKUP_TIMEOUT = Duration.ofMinutes(15);

  private static final String API = "/api/v1";
  private static final int MAX_PAGES = 1_000;

  private final HttpClient http;
  private final ApiTransport transport;
  private final RetryDelay pause;
  private final Supplier<String> idempotencyKeys;

  public WeirClient(ControlEndpoint endpoint) {
    this(endpoint, Optional.empty());
  }

  /// @param trust the trusted certificates; empty uses the JDK's trust store
  public WeirClient(ControlEndpoint endpoint, Optional<SSLContext> trust) {
    this(endpoint, http(trust), RetryDelay.real(), () -> UUID.randomUUID().toString());
  }

  private static HttpClient http(Optional<SSLContext> trust) {
    HttpClient.Builder http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT);
    trust.ifPresent(http::sslContext);
    return http.build();
  }

  /// @param http closed with this client; has its own TLS settings
  /// @param pause waits between attempts of a watch
  /// @param idempotencyKeys supplies a new key for each POST, so that a repeated POST is executed
  ///   once
  public WeirClient(
      ControlEndpoint endpoint,
      HttpClient http,
      RetryDelay pause,
      Supplier<String> idempotencyKeys) {
    this.http = http;
    this.transport = new ApiTransport(endpoint, http);
    this.pause = pause;
    this.idempotencyKeys = idempotencyKeys;
  }

  /// Creates or changes the resources of manifests (YAML or JSON) in one transaction.
  ///
  /// @param dryRun validates and returns the result without changing anything
  /// @param reason recorded in the audit log; may be empty
  public ApplyResponse apply(String manifests, boolean dryRun, String reason) {
    String query = query("dryRun", dryRun ? "true" : "", "reason", reason);
    return Json.read(post(API + "/apply" + query, manifests, type(manifests)), ApplyResponse.class);
  }

  /// Returns the changes that an apply would make.
  public ApplyPlan plan(String manifests) {
    return ApplyPlan.read(post(API + "/plan", manifests, type(manifests)));
  }

  private static String type(String manifests) {
    String start = manifests.stripLeading();
    boolean json = start.startsWith("{\"") || start.startsWith("[");
    return json ? "application/json" : "application/yaml";
  }

  public Resource get(ResourceRef ref) {
    return Json.resource(transport.send(transport.request(path(ref)).GET()));
  }

  /// The resource; empty if it does not exist.
  public Optional<Resource> find(ResourceRef ref) {
    try {
      return Optional.of(get(ref));
    } catch (WeirApiException refused) {
      if (refused.status() == 404) {
        return Optional.empty();
      }
      throw refused;
    }
  }

  /// Lists all resources of a kind, across all pages.
  ///
  /// @param namespace ignored for global kinds
  public Listing list(Kind kind, String namespace) {
    List<Resource> items = new ArrayList<>();
    String next = "";
    for (int page = 0; page < MAX_PAGES; page++) {
      JsonNode response =
          transport.send(transport.request(path(kind, namespace) + query("continue", next)).GET());
      response.path("items").forEach(item -> items.add(Json.resource(item)));
      next = response.path("continue").asString("");
      if (next.isEmpty()) {
        return new Listing(items, response.path("revision").asLong(0));
      }
    }
    throw new WeirUnreachableException(
        "the list of " + kind.plural() + " has more than " + MAX_PAGES + " pages");
  }

  /// Creates or changes one resource.
  ///
  /// @param expectedRevision rejected with 412 if the resource has another revision; 0: the
  ///   resource must not exist
  public Resource put(Resource resource, OptionalLong expectedRevision, String reason) {
    HttpRequest.Builder request =
        conditional(
                transport.request(path(resource.ref()) + query("reason", reason)), expectedRevision)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(Manifests.toJson(resource)));
    return Json.resource(transport.send(request));
  }

  /// Deletes one resource; rejected with 409 while another resource depends on it.
  ///
  /// @param expectedRevision rejected with 412 if the resource has another revision
  public ApplyResponse delete(ResourceRef ref, OptionalLong expectedRevision, String reason) {
    HttpRequest.Builder request =
        conditional(transport.request(path(ref) + query("reason", reason)), expectedRevision)
            .DELETE();
    return Json.read(transport.send(request), ApplyResponse.class);
  }

  private static HttpRequest.Builder conditional(
      HttpRequest.Builder request, OptionalLong expected) {
    if (expected.isPresent()) {
      long revision = expected.getAsLong();
      if (revision == 0) {
        request.header("If-None-Match", "*");
      } else {
        request.header("If-Match", "\"" + revision + "\"");
      }
    }
    return request;
  }

  /// The past specs of a resource, newest first.
  public List<HistoryItem> history(ResourceRef ref) {
    return items(path(ref) + "/history", HistoryItem.class);
  }

  /// Sends a command to a rollout; rejected with 409 if the rollout's state does not allow it.
  public CommandResponse rollout(
      RolloutVerb verb, String namespace, String rollout, String reason) {
    ResourceRef ref = ResourceRef.of(Kind.ROLLOUT, namespace, rollout);
    return command(path(ref) + "/" + verb.text(), reason);
  }

  /// Reverts a rollout immediately, even if no stable replica responds; alerts on-call.
  ///
  /// @param reason not empty
  public CommandResponse abortNow(String namespace, String rollout, String reason) {
    ResourceRef ref = ResourceRef.of(Kind.ROLLOUT, namespace, rollout);
    return Json.read(
        post(path(ref) + "/abort" + query("now", "true", "reason", reason), "", "application/json"),
        CommandResponse.class);
  }

  /// Bypasses freezes, concurrency limits and ordering for a rollout; alerts on-call.
  ///
  /// @param reason not empty
  /// @param duration at most 7 days; empty means until the rollout ends
  public CommandResponse override(
      String namespace, String rollout, String reason, Optional<Duration> duration) {
    ResourceRef ref = ResourceRef.of(Kind.ROLLOUT, namespace, rollout);
    String query = query("reason", reason, "until", duration.map(Durations::print).orElse(""));
    return Json.read(
        post(path(ref) + "/override" + query, "", "application/json"), CommandResponse.class);
  }

  /// Aborts the current rollout of a Service, or rolls back to the previous version.
  public CommandResponse rollback(String namespace, String service, String reason) {
    return rollback(namespace, service, Optional.empty(), reason);
  }

  /// Rolls back to a version that served before; a specific version requires that no rollout is
  /// running.
  ///
  /// @param to `model@version`; empty selects the previous version
  public CommandResponse rollback(
      String namespace, String service, Optional<String> to, String reason) {
    ResourceRef ref = ResourceRef.of(Kind.SERVICE, namespace, service);
    return Json.read(
        post(
            path(ref) + "/rollback" + query("reason", reason, "to", to.orElse("")),
            "",
            "application/json"),
        CommandResponse.class);
  }

  private CommandResponse command(String path, String reason) {
    return Json.read(
        post(path + query("reason", reason), "", "application/json"), CommandResponse.class);
  }

  /// The evidence of each decision about a rollout, oldest first.
  public List<Evidence> evidence(String namespace, String rollout) {
    ResourceRef ref = ResourceRef.of(Kind.ROLLOUT, namespace, rollout);
    return items(path(ref) + "/evidence", Evidence.class);
  }

  /// A rollout in words, and the evidence of each decision.
  public Explanation explanation(String namespace, String rollout) {
    ResourceRef ref = ResourceRef.of(Kind.ROLLOUT, namespace, rollout);
    return Explanation.read(transport.send(transport.request(path(ref) + "/evidence").GET()));
  }

  /// Settings for the next release of a Service, compared at its present traffic.
  public AdviceView advice(String namespace, String service) {
    ResourceRef ref = ResourceRef.of(Kind.SERVICE, namespace, service);
    return Json.read(
        transport.send(transport.request(path(ref) + "/advice").GET()), AdviceView.class);
  }

  /// Recomputes every decision about a rollout from its stored evidence, oldest first.
  public List<Replayed> replay(String namespace, String rollout) {
    ResourceRef ref = ResourceRef.of(Kind.ROLLOUT, namespace, rollout);
    return items(path(ref) + "/evidence/replay", Replayed.class);
  }

  /// Audit entries after a sequence number, oldest first.
  ///
  /// @param limit 1 to 1000
  public AuditPage audit(long after, int limit) {
    String query = query("after", Long.toString(after), "limit", Integer.toString(limit));
    return Json.read(
        transport.send(transport.request(API + "/audit" + query).GET()), AuditPage.class);
  }

  /// Verifies the whole audit log on the control plane: the hash chain and the heads that gateways
  /// received.
  public AuditReport verifyAudit() {
    return Json.read(
        transport.send(transport.request(API + "/audit/verify").GET()), AuditReport.class);
  }

  /// Acknowledges a restore that the audit log contains.
  ///
  /// @param restore number of the restore's audit entry
  /// @return the audit entry of the acknowledgement
  public AuditEntry acknowledgeRestore(long restore, String reason) {
    String query = query("restore", Long.toString(restore), "reason", reason);
    return Json.read(
        post(API + "/audit/acknowledge" + query, "", "application/json"), AuditEntry.class);
  }

  /// The control plane's store.
  public StoreView store() {
    return Json.read(transport.send(transport.request(API + "/store").GET()), StoreView.class);
  }

  public List<ReplicaView> replicas() {
    return items(API + "/replicas", ReplicaView.class);
  }

  /// Sends a command to one replica; rejected with 409 if its state does not allow it or if it
  /// would cause an outage.
  ///
  /// @param now whether a restart skips the drain
  /// @param force whether to proceed even if no other replica serves
  public ReplicaResponse replica(
      ReplicaVerb verb, String namespace, String name, boolean now, boolean force, String reason) {
    String query = query("now", now ? "true" : "", "force", force ? "true" : "", "reason", reason);
    return Json.read(
        post(replica(namespace, name) + "/" + verb.text() + query, "", "application/json"),
        ReplicaResponse.class);
  }

  /// Injects a fault; rejected with 422 if it would affect real traffic and the request does not
  /// allow that.
  public FaultAnswer injectFault(String namespace, FaultRequest request, String reason) {
    String path = faultsOf(namespace) + query("reason", reason);
    return Json.read(post(path, Json.write(request), "application/json"), FaultAnswer.class);
  }

  /// The active faults.
  public List<Fault> faults(String namespace) {
    return items(faultsOf(namespace), Fault.class);
  }

  /// Ends faults immediately.
  ///
  /// @param name the fault to end; empty ends all of the namespace
  public FaultAnswer clearFaults(String namespace, Optional<String> name, String reason) {
    String one = name.map(value -> "/" + encoded(value)).orElse("");
    String path = faultsOf(namespace) + one + query("reason", reason);
    return Json.read(transport.send(transport.request(path).DELETE()), FaultAnswer.class);
  }

  /// The alerts that the key may read, in the order of their start.
  ///
  /// @param dead only alerts with a failed delivery
  public List<AlertView> alerts(boolean dead) {
    return items(API + "/alerts" + (dead ? "?dead=true" : ""), AlertView.class);
  }

  /// Retries the failed deliveries of an alert.
  public AlertView retryAlert(String id, String reason) {
    String path = API + "/alerts/" + encoded(id) + "/retry";
    return Json.read(post(path + query("reason", reason), "", "application/json"), AlertView.class);
  }

  /// Sends a test alert to a channel and waits for the response.
  public AlertTest testAlertChannel(String channel, String reason) {
    String path = API + "/alertchannels/" + encoded(channel) + "/test";
    return Json.read(post(path + query("reason", reason), "", "application/json"), AlertTest.class);
  }

  private static String faultsOf(String namespace) {
    return API + "/namespaces/" + encoded(namespace) + "/faults";
  }

  /// The last lines of a replica's log, safe to print.
  ///
  /// @param tail 0 to 10000 lines
  /// @param previous whether to read the log of the previous process
  public String logs(String namespace, String name, int tail, boolean previous) {
    String query = query("tail", Integer.toString(tail), "previous", previous ? "true" : "");
    return transport.text(transport.request(replica(namespace, name) + "/logs" + query).GET());
  }

  /// The last lines of a replica's log and all following lines.
  public LogLines follow(String namespace, String name, int tail) {
    String query = query("tail", Integer.toString(tail), "follow", "true");
    return new LogLines(
        transport.stream(transport.request(replica(namespace, name) + "/logs" + query)));
  }

  private static String replica(String namespace, String name) {
    return API + "/namespaces/" + encoded(namespace) + "/replicas/" + encoded(name);
  }

  /// The serving state of the Services that the key may read.
  public List<ServiceView> serving() {
    return items(API + "/serving", ServiceView.class);
  }

  /// The settings of the control plane, for administrators.
  public List<SettingView> configuration() {
    return items(API + "/configuration", SettingView.class);
  }

  /// The traces of a recent request from the gateways.
  public FoundRequest request(String id) {
    return Json.read(
        transport.send(transport.request(API + "/requests/" + encoded(id)).GET()),
        FoundRequest.class);
  }

  /// The delay of the control plane's reconcile queues.
  public List<QueueView> queues() {
    return items(API + "/queues", QueueView.class);
  }

  public List<GatewayView> gateways() {
    return items(API + "/gateways", GatewayView.class);
  }

  public WhoAmI whoami() {
    return Json.read(transport.send(transport.request(API + "/whoami").GET()), WhoAmI.class);
  }

  /// Creates a key. Never retried, because only the first response contains the secret.
  public IssuedKey issueKey(String namespace, String name, NewKeyRequest request, String reason) {
    String path = path(ResourceRef.of(Kind.API_KEY, namespace, name)) + "/issue";
    return Json.read(
        transport.send(
            transport
                .request(path + query("reason", reason))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Json.write(request)))),
        IssuedKey.class);
  }

  /// Revokes a key. Returns when all gateways have acknowledged, or after two seconds.
  public RevokedKey revokeKey(String namespace, String name, String reason) {
    String path = path(ResourceRef.of(Kind.API_KEY, namespace, name)) + "/revoke";
    return Json.read(
        post(path + query("reason", reason), "", "application/json"), RevokedKey.class);
  }

  /// Saves a consistent copy of the control plane's store.
  ///
  /// @param file an existing file, so that the caller sets its permissions
  /// @return the content of the backup
  public SavedBackup backup(Path file, String reason) {
    HttpHeaders response =
        transport.download(
            transport
                .request(API + "/backup" + query("reason", reason))
                .POST(BodyPublishers.noBody()),
            file,
            BACKUP_TIMEOUT);
    return new SavedBackup(
        response.firstValueAsLong("x-weir-revision").orElse(0),
        response.firstValueAsLong("x-weir-audit-entries").orElse(0),
        response.firstValue("x-weir-audit-head").orElse(""));
  }

  /// Watches changes after a revision.
  ///
  /// @param kinds empty means all
  public Watch watch(long after, Collection<Kind> kinds) {
    String names = String.join(",", kinds.stream().map(Kind::plural).toList());
    return new Watch(transport, http, pause, after, names);
  }

  /// Whether the process is alive.
  public boolean health() {
    return transport.status(transport.request("/health").GET()) == 200;
  }

  /// The server's clock, to the second; empty if the response has no date.
  public Optional<Instant> serverTime() {
    return transport.date(transport.request("/health").GET());
  }

  /// Whether the control plane is ready.
  public boolean ready() {
    return transport.status(transport.request("/ready").GET()) == 200;
  }

  /// The server's API version, for example `v1`.
  public String apiVersion() {
    JsonNode document = transport.send(transport.request(API + "/openapi.json").GET());
    return document.path("info").path("version").asString("");
  }

  private <T extends Record> List<T> items(String path, Class<T> type) {
    JsonNode response = transport.send(transport.request(path).GET());
    List<T> items = new ArrayList<>();
    response.path("items").forEach(item -> items.add(Json.read(item, type)));
    return items;
  }

  private JsonNode post(String path, String body, String type) {
    return transport.sendOnce(
        transport
            .request(path)
            .header("Idempotency-Key", idempotencyKeys.get())
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body)));
  }

  private static String path(ResourceRef ref) {
    return path(ref.kind(), ref.namespace()) + "/" + encoded(ref.name());
  }

  private static String path(Kind kind, String namespace) {
    return API
        + (kind.namespaced() ? "/namespaces/" + encoded(namespace) : "")
        + "/"
        + kind.plural();
  }

  /// @param pairs name, value, name, value ...; pairs with an empty value are omitted
  private static String query(String... pairs) {
    StringBuilder query = new StringBuilder();
    for (int i = 0; i < pairs.length; i += 2) {
      if (!pairs[i + 1].isEmpty()) {
        query.append(query.isEmpty() ? '?' : '&').append(pairs[i]).append('=');
        query.append(encoded(pairs[i + 1]));
      }
    }
    return query.toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
