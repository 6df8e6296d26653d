// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.AlertTest;
import dev.weir.model.AlertView;
import dev.weir.model.ApiKey;
import dev.weir.model.AuditEntry;
import dev.weir.model.AuditReport;
import dev.weir.model.Evidence;
import dev.weir.model.Fault;
import dev.weir.model.FaultAnswer;
import dev.weir.model.FaultRequest;
import dev.weir.model.GatewayView;
import dev.weir.model.Kind;
import dev.weir.model.QueueView;
import dev.weir.model.Replayed;
import dev.weir.model.ReplicaView;
import dev.weir.model.Resource;
import dev.weir.model.ResourceRef;
import dev.weir.model.ServiceView;
import dev.weir.model.SettingView;
import dev.weir.model.StoreView;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.notation.Durations;
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

/// The control API as methods. Blocking; safe for many threads.
///
/// Every method throws `WeirApiException` when the control plane refuses and
/// `WeirUnreachableException` when no answer comes.
public final class WeirClient implements AutoCloseable {
  /// With the TLS handshake, which a cold start on a busy machine takes seconds for.
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /// The copy is made before the answer begins.
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

  /// @param trust whose certificates are believed; the JDK's own trust store when empty
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

  /// @param http closed with this client; brings its own TLS settings
  /// @param pause waits between attempts of a watch
  /// @param idempotencyKeys a new key for each POST, so that a POST sent twice acts once
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

  /// Creates or changes all resources of a text (YAML or JSON), or none.
  ///
  /// @param dryRun checks and says what would happen, but changes nothing
  /// @param reason why, for the audit log; may be empty
  public ApplyResponse apply(String manifests, boolean dryRun, String reason) {
    String query = query("dryRun", dryRun ? "true" : "", "reason", reason);
    return Json.read(post(API + "/apply" + query, manifests, type(manifests)), ApplyResponse.class);
  }

  /// What an apply would do.
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

  /// The resource, or nothing when it does not exist.
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

  /// All resources of a kind, all pages.
  ///
  /// @param namespace ignored for global kinds
  public Listing list(Kind kind, String namespace) {
    List<Resource> items = new ArrayList<>();
    String next = "";
    for (int page = 0; page < MAX_PAGES; page++) {
      JsonNode answer =
          transport.send(transport.request(path(kind, namespace) + query("continue", next)).GET());
      answer.path("items").forEach(item -> items.add(Json.resource(item)));
      next = answer.path("continue").asString("");
      if (next.isEmpty()) {
        return new Listing(items, answer.path("revision").asLong(0));
      }
    }
    throw new WeirUnreachableException("the list of " + kind.plural() + " does not end");
  }

  /// Creates or changes one resource.
  ///
  /// @param expectedRevision refused with 412 when it has another; 0 = it must not exist
  public Resource put(Resource resource, OptionalLong expectedRevision, String reason) {
    HttpRequest.Builder request =
        guarded(transport.request(path(resource.ref()) + query("reason", reason)), expectedRevision)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(Manifests.toJson(resource)));
    return Json.resource(transport.send(request));
  }

  /// Deletes one resource; refused with 409 while something depends on it.
  ///
  /// @param expectedRevision refused with 412 when it has another
  public ApplyResponse delete(ResourceRef ref, OptionalLong expectedRevision, String reason) {
    HttpRequest.Builder request =
        guarded(transport.request(path(ref) + query("reason", reason)), expectedRevision).DELETE();
    return Json.read(transport.send(request), ApplyResponse.class);
  }

  private static HttpRequest.Builder guarded(HttpRequest.Builder request, OptionalLong expected) {
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

  /// Every past spec, newest first.
  public List<HistoryItem> history(ResourceRef ref) {
    return items(path(ref) + "/history", HistoryItem.class);
  }

  /// Tells a rollout something. Refused with 409 when its state does not allow it.
  public CommandResponse rollout(
      RolloutVerb verb, String namespace, String rollout, String reason) {
    ResourceRef ref = ResourceRef.of(Kind.ROLLOUT, namespace, rollout);
    return command(path(ref) + "/" + verb.text(), reason);
  }

  /// Reverts a rollout at once, even where nothing is left to go back to; pages.
  ///
  /// @param reason never empty
  public CommandResponse abortNow(String namespace, String rollout, String reason) {
    ResourceRef ref = ResourceRef.of(Kind.ROLLOUT, namespace, rollout);
    return Json.read(
        post(path(ref) + "/abort" + query("now", "true", "reason", reason), "", "application/json"),
        CommandResponse.class);
  }

  /// Bypasses freezes, concurrency limits and ordering for a rollout; alerts on-call.
  ///
  /// @param reason never empty
  /// @param lasts 7 days at most; empty means until the rollout ends
  public CommandResponse override(
      String namespace, String rollout, String reason, Optional<Duration> lasts) {
    ResourceRef ref = ResourceRef.of(Kind.ROLLOUT, namespace, rollout);
    String query = query("reason", reason, "until", lasts.map(Durations::print).orElse(""));
    return Json.read(
        post(path(ref) + "/override" + query, "", "application/json"), CommandResponse.class);
  }

  /// Reverts the live release of a Service, or goes back to the version that served before.
  public CommandResponse rollback(String namespace, String service, String reason) {
    return rollback(namespace, service, Optional.empty(), reason);
  }

  /// The same to a certain version that served before, which only goes without a live release.
  ///
  /// @param to `model@version`
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

  /// What each decision about a rollout was made from, oldest first.
  public List<Evidence> evidence(String namespace, String rollout) {
    ResourceRef ref = ResourceRef.of(Kind.ROLLOUT, namespace, rollout);
    return items(path(ref) + "/evidence", Evidence.class);
  }

  /// Every decision about a rollout made again from its stored numbers, oldest first.
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

  /// Reads the whole log there: the chain, and what gateways witnessed of it.
  public AuditReport verifyAudit() {
    return Json.read(
        transport.send(transport.request(API + "/audit/verify").GET()), AuditReport.class);
  }

  /// Says that a restore which the log tells of is true.
  ///
  /// @param restore number of the audit entry that tells of it
  /// @return the entry that says who said so
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

  /// Orders one replica about. Refused with 409 when that cannot be, or would be an outage.
  ///
  /// @param now a restart waits for nothing
  /// @param force even if nothing is left that serves
  public ReplicaResponse replica(
      ReplicaVerb verb, String namespace, String name, boolean now, boolean force, String reason) {
    String query = query("now", now ? "true" : "", "force", force ? "true" : "", "reason", reason);
    return Json.read(
        post(replica(namespace, name) + "/" + verb.text() + query, "", "application/json"),
        ReplicaResponse.class);
  }

  /// Injects a fault. Refused with 422 where it would strike real traffic and that was not said.
  public FaultAnswer injectFault(String namespace, FaultRequest request, String reason) {
    String path = faultsOf(namespace) + query("reason", reason);
    return Json.read(post(path, Json.write(request), "application/json"), FaultAnswer.class);
  }

  /// The faults that are injected now.
  public List<Fault> faults(String namespace) {
    return items(faultsOf(namespace), Fault.class);
  }

  /// Ends faults at once.
  ///
  /// @param name of the only one; empty for all of the namespace
  public FaultAnswer clearFaults(String namespace, Optional<String> name, String reason) {
    String one = name.map(given -> "/" + encoded(given)).orElse("");
    String path = faultsOf(namespace) + one + query("reason", reason);
    return Json.read(transport.send(transport.request(path).DELETE()), FaultAnswer.class);
  }

  /// Alerts that the key may read, in the order in which they began.
  ///
  /// @param dead only those that some channel could not be told
  public List<AlertView> alerts(boolean dead) {
    return items(API + "/alerts" + (dead ? "?dead=true" : ""), AlertView.class);
  }

  /// Sends an alert again to the channels that could not be told.
  public AlertView retryAlert(String id, String reason) {
    String path = API + "/alerts/" + encoded(id) + "/retry";
    return Json.read(post(path + query("reason", reason), "", "application/json"), AlertView.class);
  }

  /// Sends a channel a test and waits for what comes back.
  public AlertTest testAlertChannel(String channel, String reason) {
    String path = API + "/alertchannels/" + encoded(channel) + "/test";
    return Json.read(post(path + query("reason", reason), "", "application/json"), AlertTest.class);
  }

  private static String faultsOf(String namespace) {
    return API + "/namespaces/" + encoded(namespace) + "/faults";
  }

  /// The last lines that a replica's process wrote, safe to show.
  ///
  /// @param tail 0 to 10000 lines
  /// @param previous of the process before the present one
  public String logs(String namespace, String name, int tail, boolean previous) {
    String query = query("tail", Integer.toString(tail), "previous", previous ? "true" : "");
    return transport.text(transport.request(replica(namespace, name) + "/logs" + query).GET());
  }

  /// The same, and what comes after it.
  public LogLines follow(String namespace, String name, int tail) {
    String query = query("tail", Integer.toString(tail), "follow", "true");
    return new LogLines(
        transport.stream(transport.request(replica(namespace, name) + "/logs" + query)));
  }

  private static String replica(String namespace, String name) {
    return API + "/namespaces/" + encoded(namespace) + "/replicas/" + encoded(name);
  }

  /// How the Services that may be read serve.
  public List<ServiceView> serving() {
    return items(API + "/serving", ServiceView.class);
  }

  /// The control plane's own settings, for administrators.
  public List<SettingView> configuration() {
    return items(API + "/configuration", SettingView.class);
  }

  /// What gateways remember of a recent request.
  public FoundRequest request(String id) {
    return Json.read(
        transport.send(transport.request(API + "/requests/" + encoded(id)).GET()),
        FoundRequest.class);
  }

  /// How far the control plane is behind its work, by lane.
  public List<QueueView> queues() {
    return items(API + "/queues", QueueView.class);
  }

  public List<GatewayView> gateways() {
    return items(API + "/gateways", GatewayView.class);
  }

  public WhoAmI whoami() {
    return Json.read(transport.send(transport.request(API + "/whoami").GET()), WhoAmI.class);
  }

  /// Makes a key; its secret is in the answer and nowhere else, so this one is never sent twice.
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

  /// Revokes a key: answers when the gateways know, or after two seconds.
  public RevokedKey revokeKey(String namespace, String name, String reason) {
    String path = path(ResourceRef.of(Kind.API_KEY, namespace, name)) + "/revoke";
    JsonNode answer = post(path + query("reason", reason), "", "application/json");
    List<String> acknowledged = new ArrayList<>();
    answer.path("acknowledged").forEach(gateway -> acknowledged.add(gateway.asString()));
    List<RevokedKey.CutOff> cutOff = new ArrayList<>();
    answer.path("cutOff").forEach(node -> cutOff.add(Json.read(node, RevokedKey.CutOff.class)));
    return new RevokedKey((ApiKey) Json.resource(answer.path("resource")), acknowledged, cutOff);
  }

  /// Saves a consistent copy of everything that the control plane keeps.
  ///
  /// @param file there already, so that the caller decides who may read it
  /// @return what is in it
  public SavedBackup backup(Path file, String reason) {
    HttpHeaders answer =
        transport.download(
            transport
                .request(API + "/backup" + query("reason", reason))
                .POST(BodyPublishers.noBody()),
            file,
            BACKUP_TIMEOUT);
    return new SavedBackup(
        answer.firstValueAsLong("x-weir-revision").orElse(0),
        answer.firstValueAsLong("x-weir-audit-entries").orElse(0),
        answer.firstValue("x-weir-audit-head").orElse(""));
  }

  /// Changes after a revision, as they happen.
  ///
  /// @param kinds empty means all
  public Watch watch(long after, Collection<Kind> kinds) {
    String names = String.join(",", kinds.stream().map(Kind::plural).toList());
    return new Watch(transport, http, pause, after, names);
  }

  /// Whether the process lives.
  public boolean health() {
    return transport.status(transport.request("/health").GET()) == 200;
  }

  /// The clock of the machine that answers, to the second; nothing when it does not tell.
  public Optional<Instant> serverTime() {
    return transport.date(transport.request("/health").GET());
  }

  /// Whether the control plane can serve.
  public boolean ready() {
    return transport.status(transport.request("/ready").GET()) == 200;
  }

  /// The version of the API that is spoken there, for example `v1`.
  public String apiVersion() {
    JsonNode document = transport.send(transport.request(API + "/openapi.json").GET());
    return document.path("info").path("version").asString("");
  }

  private <T extends Record> List<T> items(String path, Class<T> type) {
    JsonNode answer = transport.send(transport.request(path).GET());
    List<T> items = new ArrayList<>();
    answer.path("items").forEach(item -> items.add(Json.read(item, type)));
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

  /// @param pairs name, value, name, value ...; an empty value leaves the pair out
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
