// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessScope;
import dev.weir.control.access.Permission;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ApiRoute;
import dev.weir.control.api.call.ApiRoute.Body;
import dev.weir.control.operations.ReplicaOperations;
import dev.weir.model.value.Kind;
import dev.weir.snapshot.QuestionCodec;
import dev.weir.snapshot.TelemetryCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// The route table.
final class ApiRoutes {
  private static final String API = "/api/v1";
  private static final String NAMESPACE = API + "/namespaces/{namespace}";
  private static final String EVENTS = "text/event-stream";
  private static final String TEXT = "text/plain";

  private final List<ApiRoute> all;

  /// The result of matching a path.
  sealed interface Match {
    record Found(ApiRoute route, Map<String, String> path) implements Match {}

    record WrongMethod(Set<String> allowed) implements Match {}

    record NotFound() implements Match {}
  }

  ApiRoutes(
      ResourceCalls resources,
      ApplyCalls applies,
      RolloutCalls rollouts,
      KeyCalls keys,
      ViewCalls views,
      AuditCalls audit,
      ReplicaCalls replicas,
      FaultCalls faults,
      AlertCalls alerts,
      RequestCalls requests,
      WatchCalls watches,
      LinkCalls link,
      BackupCalls backups,
      PublicCalls open) {
    var routes = new ArrayList<ApiRoute>();
    routes.addAll(open(open));
    for (Kind kind : Kind.values()) {
      routes.addAll(resources(kind, resources));
    }
    routes.addAll(applies(applies));
    routes.addAll(rollouts(rollouts));
    routes.addAll(keys(keys));
    routes.addAll(views(views, watches));
    routes.addAll(audit(audit));
    routes.addAll(replicas(replicas));
    routes.addAll(faults(faults));
    routes.addAll(alerts(alerts));
    routes.add(
        ApiRoute.get(
                API + "/requests/{name}", "explainRequest", "What gateways remember of a request")
            .needs(Permission.READ, AccessScope.ANYWHERE)
            .answers("RequestTraceList")
            .to(requests::explain));
    routes.addAll(link(link));
    routes.add(
        reasoned(ApiRoute.post(API + "/backup", "backup", "A consistent copy of the whole store"))
            .needs(Permission.ADMINISTER, AccessScope.EVERYWHERE)
            .answersAs(BackupCalls.CONTENT_TYPE)
            .to(backups::backup));
    routes.add(
        ApiRoute.get(API + "/openapi.json", "getOpenApi", "This document")
            .needs(Permission.READ, AccessScope.ANYWHERE)
            .to(_ -> ApiResponse.json(200, OpenApi.document(all()))));
    this.all = List.copyOf(routes);
  }

  List<ApiRoute> all() {
    return all;
  }

  Match match(String method, List<String> segments) {
    Set<String> allowed = new TreeSet<>();
    for (ApiRoute route : all) {
      var path = route.match(segments);
      if (path.isPresent()) {
        if (route.method().name().equals(method)) {
          return new Match.Found(route, path.get());
        }
        allowed.add(route.method().name());
      }
    }
    return allowed.isEmpty() ? new Match.NotFound() : new Match.WrongMethod(allowed);
  }

  private static List<ApiRoute> open(PublicCalls calls) {
    return List.of(
        ApiRoute.get("/health", "health", "Whether the process is alive")
            .open()
            .answersAs(TEXT)
            .to(_ -> calls.health()),
        ApiRoute.get("/ready", "ready", "Whether it can serve")
            .open()
            .answersAs(TEXT)
            .to(_ -> calls.ready()),
        ApiRoute.get("/metrics", "metrics", "Metrics for Prometheus")
            .open()
            .answersAs(TEXT)
            .to(_ -> calls.metrics()));
  }

  private static List<ApiRoute> resources(Kind kind, ResourceCalls calls) {
    String list = (kind.namespaced() ? NAMESPACE : API) + "/" + kind.plural();
    String one = list + "/{name}";
    String text = kind.text();
    Function<Map<String, String>, AccessScope> reading =
        p -> AccessScope.reading(kind, namespace(p));
    Function<Map<String, String>, AccessScope> writing =
        p -> AccessScope.writing(kind, namespace(p));
    var routes = new ArrayList<ApiRoute>();
    routes.add(
        ApiRoute.get(list, "list" + text, "Lists every " + text)
            .needs(Permission.READ, reading)
            .query("limit", "integer", "The maximum number, 1 to 1000 (the default)")
            .query("continue", "string", "From the previous page; all pages show one revision")
            .answers(text + "List")
            .to(call -> calls.list(kind, call)));
    routes.add(
        ApiRoute.get(one, "get" + text, "Gets one " + text)
            .needs(Permission.READ, reading)
            .answers(text)
            .to(call -> calls.get(kind, call)));
    routes.add(
        ApiRoute.get(one + "/history", "history" + text, "Every past spec, newest first")
            .needs(Permission.READ, reading)
            .query("limit", "integer", "The maximum number, 1 to 1000 (the default)")
            .answers(text + "History")
            .to(call -> calls.history(kind, call)));
    if (kind == Kind.ROLLOUT) {
      return routes; // only Weir writes rollouts
    }
    routes.add(
        reasoned(ApiRoute.put(one, "put" + text, "Creates or changes one " + text))
            .needs(Permission.writing(kind), writing)
            .body(Body.manifest(text))
            .answers(text)
            .to(call -> calls.put(kind, call)));
    routes.add(
        reasoned(ApiRoute.delete(one, "delete" + text, "Deletes one " + text))
            .needs(Permission.writing(kind), writing)
            .answers("ApplyAnswer")
            .to(call -> calls.delete(kind, call)));
    return routes;
  }

  private static List<ApiRoute> applies(ApplyCalls calls) {
    return List.of(
        reasoned(ApiRoute.post(API + "/apply", "apply", "Applies all resources, or none"))
            .needs(Permission.DEPLOY, AccessScope.ANYWHERE)
            .query("dryRun", "boolean", "Check and report the effects, but change nothing")
            .body(Body.manifest(""))
            .answers("ApplyAnswer")
            .to(calls::apply),
        ApiRoute.post(API + "/plan", "plan", "What an apply would do")
            .needs(Permission.READ, AccessScope.ANYWHERE)
            .body(Body.manifest(""))
            .answers("Plan")
            .to(calls::plan));
  }

  private static List<ApiRoute> rollouts(RolloutCalls calls) {
    String one = NAMESPACE + "/rollouts/{name}";
    var routes = new ArrayList<ApiRoute>();
    for (RolloutCalls.Verb verb : RolloutCalls.Verb.values()) {
      ApiRoute.Builder route =
          reasoned(ApiRoute.post(one + "/" + verb.text(), verb.text() + "Rollout", verb.summary()))
              .needs(verb.right(), ApiRoutes::inNamespace)
              .answers("CommandAnswer");
      verb.query(route);
      routes.add(route.to(call -> calls.command(verb, call)));
    }
    routes.add(
        reasoned(
                ApiRoute.post(
                    NAMESPACE + "/services/{name}/rollback",
                    "rollbackService",
                    "Rolls back the live release of a Service, or returns to an earlier version"))
            .query("to", "string", "An earlier `model@version`, if there is no live release")
            .needs(Permission.DEPLOY, ApiRoutes::inNamespace)
            .answers("CommandAnswer")
            .to(calls::rollback));
    routes.add(
        ApiRoute.get(
                NAMESPACE + "/services/{name}/advice",
                "getAdvice",
                "Settings for the next release, compared at the present traffic")
            .needs(Permission.READ, ApiRoutes::inNamespace)
            .answers("Advice")
            .to(calls::advice));
    routes.add(
        ApiRoute.get(
                one + "/evidence",
                "getEvidence",
                "The rollout in words, and the evidence of each decision")
            .needs(Permission.READ, ApiRoutes::inNamespace)
            .answers("EvidenceList")
            .to(calls::evidence));
    routes.add(
        ApiRoute.get(one + "/evidence/replay", "replayEvidence", "Repeats each decision")
            .needs(Permission.READ, ApiRoutes::inNamespace)
            .answers("ReplayedList")
            .to(calls::replay));
    return routes;
  }

  private static List<ApiRoute> keys(KeyCalls calls) {
    String one = NAMESPACE + "/apikeys/{name}";
    return List.of(
        reasoned(ApiRoute.post(one + "/issue", "issueApiKey", "Creates a key and shows it once"))
            .needs(Permission.ADMINISTER, ApiRoutes::inNamespace)
            .body(Body.json("IssueRequest"))
            .answers(201, "IssueAnswer")
            .secretAnswer()
            .to(calls::issue),
        reasoned(ApiRoute.post(one + "/revoke", "revokeApiKey", "Revokes a key"))
            .needs(Permission.ADMINISTER, ApiRoutes::inNamespace)
            .answers("RevokeAnswer")
            .to(calls::revoke),
        ApiRoute.get(API + "/whoami", "whoami", "The key's principal and its permissions")
            .answers("WhoAmI")
            .to(calls::whoami));
  }

  private static List<ApiRoute> views(ViewCalls calls, WatchCalls watches) {
    return List.of(
        ApiRoute.get(API + "/replicas", "listReplicas", "The replicas of readable namespaces")
            .needs(Permission.READ, AccessScope.ANYWHERE)
            .answers("ReplicaList")
            .to(calls::replicas),
        ApiRoute.get(API + "/gateways", "listGateways", "The gateways and what they serve")
            .needs(Permission.READ, AccessScope.ANYWHERE)
            .answers("GatewayList")
            .to(calls::gateways),
        ApiRoute.get(API + "/serving", "listServing", "The serving state of readable Services")
            .needs(Permission.READ, AccessScope.ANYWHERE)
            .answers("ServingList")
            .to(calls::serving),
        ApiRoute.get(API + "/configuration", "getConfiguration", "The control plane's own settings")
            .needs(Permission.ADMINISTER, AccessScope.EVERYWHERE)
            .answers("SettingList")
            .to(_ -> calls.configuration()),
        ApiRoute.get(API + "/queues", "listQueues", "The work queues of the control plane")
            .needs(Permission.READ, AccessScope.ANYWHERE)
            .answers("QueueList")
            .to(_ -> calls.queues()),
        ApiRoute.get(API + "/store", "getStore", "The control plane's store and its identity")
            .needs(Permission.READ, AccessScope.ANYWHERE)
            .answers("Store")
            .to(_ -> calls.store()),
        ApiRoute.get(API + "/watch", "watch", "Every change after a revision, as it happens")
            .needs(Permission.READ, AccessScope.ANYWHERE)
            .query("after", "integer", "Changes after this revision (default: from now on)")
            .query("kinds", "string", "Kinds, separated by commas (default: all)")
            .answersAs(EVENTS)
            .to(watches::watch));
  }

  private static List<ApiRoute> replicas(ReplicaCalls calls) {
    String one = NAMESPACE + "/replicas/{name}";
    var routes = new ArrayList<ApiRoute>();
    for (ReplicaOperations.Verb verb : ReplicaOperations.Verb.values()) {
      ApiRoute.Builder route =
          reasoned(ApiRoute.post(one + "/" + verb.text(), verb.text() + "Replica", verb.summary()))
              .needs(Permission.DEPLOY, ApiRoutes::inNamespace)
              .answers("ReplicaAnswer");
      if (verb != ReplicaOperations.Verb.UNCORDON) {
        route.query("force", "boolean", "Even if no serving replica is left");
      }
      if (verb == ReplicaOperations.Verb.RESTART) {
        route.query("now", "boolean", "Without waiting for its requests in flight");
      }
      routes.add(route.to(call -> calls.order(verb, call)));
    }
    routes.add(
        ApiRoute.get(one + "/logs", "getReplicaLogs", "Its process output: may contain prompts")
            .needs(Permission.DEPLOY, ApiRoutes::inNamespace)
            .query("tail", "integer", "The last lines, 0 to 10000 (default 100)")
            .query("previous", "boolean", "Of the previous process")
            .query("follow", "boolean", "Stream new lines: server-sent events, one for each line")
            .answersAs(TEXT)
            .to(calls::logs));
    return routes;
  }

  private static List<ApiRoute> faults(FaultCalls calls) {
    String all = NAMESPACE + "/faults";
    String one = all + "/{name}";
    return List.of(
        ApiRoute.get(all, "listFaults", "The active injected faults")
            .needs(Permission.READ, ApiRoutes::inNamespace)
            .answers("FaultList")
            .to(calls::list),
        ApiRoute.get(one, "getFault", "One active injected fault")
            .needs(Permission.READ, ApiRoutes::inNamespace)
            .answers("Fault")
            .to(calls::get),
        reasoned(
                ApiRoute.post(all, "injectFault", "Injects a fault; real replicas need role admin"))
            .needs(Permission.DEPLOY, ApiRoutes::inNamespace)
            .body(Body.json("FaultRequest"))
            .answers(201, "FaultAnswer")
            .to(calls::inject),
        reasoned(ApiRoute.delete(all, "clearFaults", "Ends all faults immediately"))
            .needs(Permission.DEPLOY, ApiRoutes::inNamespace)
            .answers("FaultAnswer")
            .to(calls::clear),
        reasoned(ApiRoute.delete(one, "clearFault", "Ends one fault immediately"))
            .needs(Permission.DEPLOY, ApiRoutes::inNamespace)
            .answers("FaultAnswer")
            .to(calls::clear));
  }

  private static List<ApiRoute> alerts(AlertCalls calls) {
    return List.of(
        ApiRoute.get(
                API + "/alerts", "listAlerts", "Alerts of readable namespaces and of the fleet")
            .needs(Permission.READ, AccessScope.ANYWHERE)
            .query("dead", "boolean", "Only alerts that a channel did not receive")
            .answers("AlertList")
            .to(calls::list),
        reasoned(
                ApiRoute.post(
                    API + "/alerts/{name}/retry", "retryAlert", "Retries its failed deliveries"))
            .needs(Permission.ADMINISTER, AccessScope.EVERYWHERE)
            .answers("Alert")
            .to(calls::retry),
        reasoned(
                ApiRoute.post(
                    API + "/alertchannels/{name}/test",
                    "testAlertChannel",
                    "Sends the channel a test"))
            .needs(Permission.ADMINISTER, AccessScope.EVERYWHERE)
            .answers("AlertTest")
            .to(calls::test));
  }

  private static List<ApiRoute> link(LinkCalls calls) {
    return List.of(
        ApiRoute.get("/internal/v1/snapshots", "snapshots", "Snapshots, as they are published")
            .needs(Permission.LINK, AccessScope.EVERYWHERE)
            .query("after", "integer", "Snapshots after this sequence number")
            .query(
                "formats",
                "string",
                "Formats that the gateway reads, separated by commas (default 1)")
            .query("deltas", "string", "`1` if the gateway reads deltas of the newest format")
            .answersAs(EVENTS)
            .to(calls::snapshots),
        ApiRoute.post("/internal/v1/telemetry", "telemetry", "One batch of telemetry")
            .needs(Permission.LINK, AccessScope.EVERYWHERE)
            .body(new Body("", List.of(ApiJson.CONTENT_TYPE), TelemetryCodec.MAX_BYTES))
            .to(calls::telemetry),
        ApiRoute.post("/internal/v1/answers", "answers", "The answer of a gateway to a question")
            .needs(Permission.LINK, AccessScope.EVERYWHERE)
            .body(new Body("", List.of(ApiJson.CONTENT_TYPE), QuestionCodec.MAX_ANSWER_BYTES))
            .to(calls::answers));
  }

  private static List<ApiRoute> audit(AuditCalls calls) {
    return List.of(
        ApiRoute.get(API + "/audit", "listAudit", "The audit log, oldest first")
            .needs(Permission.READ, AccessScope.EVERYWHERE)
            .query("after", "integer", "Entries after this sequence number")
            .query("limit", "integer", "The maximum number, 1 to 1000 (the default)")
            .answers("AuditList")
            .to(calls::list),
        ApiRoute.get(API + "/audit/verify", "verifyAudit", "Whether the audit log is intact")
            .needs(Permission.READ, AccessScope.EVERYWHERE)
            .answers("AuditReport")
            .to(_ -> calls.verify()),
        reasoned(
                ApiRoute.post(
                    API + "/audit/acknowledge",
                    "acknowledgeRestore",
                    "Confirms a restore that the audit log records"))
            .needs(Permission.ADMINISTER, AccessScope.EVERYWHERE)
            .query("restore", "integer", "The number of the audit entry of the restore")
            .answers("AuditEntry")
            .to(calls::acknowledge));
  }

  private static ApiRoute.Builder reasoned(ApiRoute.Builder route) {
    return route.query("reason", "string", "For the audit log; or header x-weir-reason");
  }

  private static AccessScope inNamespace(Map<String, String> path) {
    return new AccessScope.Namespace(namespace(path));
  }

  private static String namespace(Map<String, String> path) {
    return path.getOrDefault("namespace", "");
  }
}
