// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Action;
import dev.weir.control.access.Scope;
import dev.weir.control.api.Route.Body;
import dev.weir.model.Kind;
import dev.weir.snapshot.QuestionCodec;
import dev.weir.snapshot.TelemetryCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// The route table.
final class Routes {
  private static final String API = "/api/v1";
  private static final String NAMESPACE = API + "/namespaces/{namespace}";
  private static final String EVENTS = "text/event-stream";
  private static final String TEXT = "text/plain";

  private final List<Route> all;

  /// What a path leads to.
  sealed interface Match {
    record Found(Route route, Map<String, String> path) implements Match {}

    record WrongMethod(Set<String> allowed) implements Match {}

    record Nothing() implements Match {}
  }

  Routes(
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
      OpenCalls open) {
    var routes = new ArrayList<Route>();
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
        Route.get(API + "/requests/{name}", "explainRequest", "What gateways remember of a request")
            .needs(Action.READ, Scope.ANYWHERE)
            .answers("RequestTraceList")
            .to(requests::explain));
    routes.addAll(link(link));
    routes.add(
        reasoned(Route.post(API + "/backup", "backup", "A consistent copy of the whole store"))
            .needs(Action.ADMINISTER, Scope.EVERYWHERE)
            .answersAs(BackupCalls.CONTENT_TYPE)
            .to(backups::backup));
    routes.add(
        Route.get(API + "/openapi.json", "getOpenApi", "This document")
            .needs(Action.READ, Scope.ANYWHERE)
            .to(_ -> Answer.json(200, OpenApi.document(all()))));
    this.all = List.copyOf(routes);
  }

  List<Route> all() {
    return all;
  }

  Match match(String method, List<String> segments) {
    Set<String> allowed = new TreeSet<>();
    for (Route route : all) {
      var path = route.match(segments);
      if (path.isPresent()) {
        if (route.method().name().equals(method)) {
          return new Match.Found(route, path.get());
        }
        allowed.add(route.method().name());
      }
    }
    return allowed.isEmpty() ? new Match.Nothing() : new Match.WrongMethod(allowed);
  }

  private static List<Route> open(OpenCalls calls) {
    return List.of(
        Route.get("/health", "health", "Whether the process lives")
            .open()
            .answersAs(TEXT)
            .to(_ -> calls.health()),
        Route.get("/ready", "ready", "Whether it can serve")
            .open()
            .answersAs(TEXT)
            .to(_ -> calls.ready()),
        Route.get("/metrics", "metrics", "Metrics for Prometheus")
            .open()
            .answersAs(TEXT)
            .to(_ -> calls.metrics()));
  }

  private static List<Route> resources(Kind kind, ResourceCalls calls) {
    String list = (kind.namespaced() ? NAMESPACE : API) + "/" + kind.plural();
    String one = list + "/{name}";
    String text = kind.text();
    Function<Map<String, String>, Scope> reading = p -> Scope.reading(kind, namespace(p));
    Function<Map<String, String>, Scope> writing = p -> Scope.writing(kind, namespace(p));
    var routes = new ArrayList<Route>();
    routes.add(
        Route.get(list, "list" + text, "Lists every " + text)
            .needs(Action.READ, reading)
            .query("limit", "integer", "At most so many, 1 to 1000 (the default)")
            .query("continue", "string", "From the answer before; all pages show one revision")
            .answers(text + "List")
            .to(call -> calls.list(kind, call)));
    routes.add(
        Route.get(one, "get" + text, "Gets one " + text)
            .needs(Action.READ, reading)
            .answers(text)
            .to(call -> calls.get(kind, call)));
    routes.add(
        Route.get(one + "/history", "history" + text, "Every past spec, newest first")
            .needs(Action.READ, reading)
            .query("limit", "integer", "At most so many, 1 to 1000 (the default)")
            .answers(text + "History")
            .to(call -> calls.history(kind, call)));
    if (kind == Kind.ROLLOUT) {
      return routes; // made and kept by Weir alone
    }
    routes.add(
        reasoned(Route.put(one, "put" + text, "Creates or changes one " + text))
            .needs(Action.writing(kind), writing)
            .body(Body.manifest(text))
            .answers(text)
            .to(call -> calls.put(kind, call)));
    routes.add(
        reasoned(Route.delete(one, "delete" + text, "Deletes one " + text))
            .needs(Action.writing(kind), writing)
            .answers("ApplyAnswer")
            .to(call -> calls.delete(kind, call)));
    return routes;
  }

  private static List<Route> applies(ApplyCalls calls) {
    return List.of(
        reasoned(Route.post(API + "/apply", "apply", "Applies all resources, or none"))
            .needs(Action.DEPLOY, Scope.ANYWHERE)
            .query("dryRun", "boolean", "Check and say what would happen, but change nothing")
            .body(Body.manifest(""))
            .answers("ApplyAnswer")
            .to(calls::apply),
        Route.post(API + "/plan", "plan", "What an apply would do")
            .needs(Action.READ, Scope.ANYWHERE)
            .body(Body.manifest(""))
            .answers("Plan")
            .to(calls::plan));
  }

  private static List<Route> rollouts(RolloutCalls calls) {
    String one = NAMESPACE + "/rollouts/{name}";
    var routes = new ArrayList<Route>();
    for (RolloutCalls.Verb verb : RolloutCalls.Verb.values()) {
      Route.Builder route =
          reasoned(Route.post(one + "/" + verb.text(), verb.text() + "Rollout", verb.summary()))
              .needs(verb.right(), Routes::inNamespace)
              .answers("CommandAnswer");
      verb.query(route);
      routes.add(route.to(call -> calls.command(verb, call)));
    }
    routes.add(
        reasoned(
                Route.post(
                    NAMESPACE + "/services/{name}/rollback",
                    "rollbackService",
                    "Reverts the live release of a Service, or goes back to what served before"))
            .query("to", "string", "`model@version` that served before, without a live release")
            .needs(Action.DEPLOY, Routes::inNamespace)
            .answers("CommandAnswer")
            .to(calls::rollback));
    routes.add(
        Route.get(one + "/evidence", "getEvidence", "What each decision was made from")
            .needs(Action.READ, Routes::inNamespace)
            .answers("EvidenceList")
            .to(calls::evidence));
    routes.add(
        Route.get(one + "/evidence/replay", "replayEvidence", "Makes each decision again")
            .needs(Action.READ, Routes::inNamespace)
            .answers("ReplayedList")
            .to(calls::replay));
    return routes;
  }

  private static List<Route> keys(KeyCalls calls) {
    String one = NAMESPACE + "/apikeys/{name}";
    return List.of(
        reasoned(Route.post(one + "/issue", "issueApiKey", "Makes a key and shows it once"))
            .needs(Action.ADMINISTER, Routes::inNamespace)
            .body(Body.json("IssueRequest"))
            .answers(201, "IssueAnswer")
            .secretAnswer()
            .to(calls::issue),
        reasoned(Route.post(one + "/revoke", "revokeApiKey", "Makes a key useless for ever"))
            .needs(Action.ADMINISTER, Routes::inNamespace)
            .answers("RevokeAnswer")
            .to(calls::revoke),
        Route.get(API + "/whoami", "whoami", "Who the key belongs to and what they may do")
            .answers("WhoAmI")
            .to(calls::whoami));
  }

  private static List<Route> views(ViewCalls calls, WatchCalls watches) {
    return List.of(
        Route.get(API + "/replicas", "listReplicas", "The replicas of readable namespaces")
            .needs(Action.READ, Scope.ANYWHERE)
            .answers("ReplicaList")
            .to(calls::replicas),
        Route.get(API + "/gateways", "listGateways", "The gateways and what they serve")
            .needs(Action.READ, Scope.ANYWHERE)
            .answers("GatewayList")
            .to(calls::gateways),
        Route.get(API + "/serving", "listServing", "How the Services of readable namespaces serve")
            .needs(Action.READ, Scope.ANYWHERE)
            .answers("ServingList")
            .to(calls::serving),
        Route.get(API + "/configuration", "getConfiguration", "The control plane's own settings")
            .needs(Action.ADMINISTER, Scope.EVERYWHERE)
            .answers("SettingList")
            .to(_ -> calls.configuration()),
        Route.get(API + "/queues", "listQueues", "How far the control plane is behind its work")
            .needs(Action.READ, Scope.ANYWHERE)
            .answers("QueueList")
            .to(_ -> calls.queues()),
        Route.get(API + "/store", "getStore", "The control plane's store and its identity")
            .needs(Action.READ, Scope.ANYWHERE)
            .answers("Store")
            .to(_ -> calls.store()),
        Route.get(API + "/watch", "watch", "Every change after a revision, as it happens")
            .needs(Action.READ, Scope.ANYWHERE)
            .query("after", "integer", "Changes after this revision; else from now on")
            .query("kinds", "string", "Kinds, separated by commas; else all")
            .answersAs(EVENTS)
            .to(watches::watch));
  }

  private static List<Route> replicas(ReplicaCalls calls) {
    String one = NAMESPACE + "/replicas/{name}";
    var routes = new ArrayList<Route>();
    for (ReplicaCommands.Verb verb : ReplicaCommands.Verb.values()) {
      Route.Builder route =
          reasoned(Route.post(one + "/" + verb.text(), verb.text() + "Replica", verb.summary()))
              .needs(Action.DEPLOY, Routes::inNamespace)
              .answers("ReplicaAnswer");
      if (verb != ReplicaCommands.Verb.UNCORDON) {
        route.query("force", "boolean", "Even if nothing is left that serves");
      }
      if (verb == ReplicaCommands.Verb.RESTART) {
        route.query("now", "boolean", "Without waiting for what runs there");
      }
      routes.add(route.to(call -> calls.order(verb, call)));
    }
    routes.add(
        Route.get(one + "/logs", "getReplicaLogs", "What its processes wrote: may hold prompts")
            .needs(Action.DEPLOY, Routes::inNamespace)
            .query("tail", "integer", "The last lines, 0 to 10000 (default 100)")
            .query("previous", "boolean", "Of the process before the present one")
            .query("follow", "boolean", "Go on as it comes: server-sent events, one for each line")
            .answersAs(TEXT)
            .to(calls::logs));
    return routes;
  }

  private static List<Route> faults(FaultCalls calls) {
    String all = NAMESPACE + "/faults";
    String one = all + "/{name}";
    return List.of(
        Route.get(all, "listFaults", "Faults that are injected now")
            .needs(Action.READ, Routes::inNamespace)
            .answers("FaultList")
            .to(calls::list),
        Route.get(one, "getFault", "One fault that is injected now")
            .needs(Action.READ, Routes::inNamespace)
            .answers("Fault")
            .to(calls::get),
        reasoned(Route.post(all, "injectFault", "Injects a fault; real replicas need role admin"))
            .needs(Action.DEPLOY, Routes::inNamespace)
            .body(Body.json("FaultRequest"))
            .answers(201, "FaultAnswer")
            .to(calls::inject),
        reasoned(Route.delete(all, "clearFaults", "Ends all faults at once"))
            .needs(Action.DEPLOY, Routes::inNamespace)
            .answers("FaultAnswer")
            .to(calls::clear),
        reasoned(Route.delete(one, "clearFault", "Ends one fault at once"))
            .needs(Action.DEPLOY, Routes::inNamespace)
            .answers("FaultAnswer")
            .to(calls::clear));
  }

  private static List<Route> alerts(AlertCalls calls) {
    return List.of(
        Route.get(API + "/alerts", "listAlerts", "Alerts of readable namespaces and of the fleet")
            .needs(Action.READ, Scope.ANYWHERE)
            .query("dead", "boolean", "Only those that some channel could not be told")
            .answers("AlertList")
            .to(calls::list),
        reasoned(
                Route.post(
                    API + "/alerts/{name}/retry", "retryAlert", "Sends again what was given up"))
            .needs(Action.ADMINISTER, Scope.EVERYWHERE)
            .answers("Alert")
            .to(calls::retry),
        reasoned(
                Route.post(
                    API + "/alertchannels/{name}/test",
                    "testAlertChannel",
                    "Sends the channel a test"))
            .needs(Action.ADMINISTER, Scope.EVERYWHERE)
            .answers("AlertTest")
            .to(calls::test));
  }

  private static List<Route> link(LinkCalls calls) {
    return List.of(
        Route.get("/internal/v1/snapshots", "snapshots", "Snapshots, as they are published")
            .needs(Action.LINK, Scope.EVERYWHERE)
            .query("after", "integer", "Snapshots after this sequence number")
            .query(
                "formats", "string", "Formats that the gateway reads, separated by commas; else 1")
            .answersAs(EVENTS)
            .to(calls::snapshots),
        Route.post("/internal/v1/telemetry", "telemetry", "One batch of telemetry")
            .needs(Action.LINK, Scope.EVERYWHERE)
            .body(new Body("", List.of(Json.CONTENT_TYPE), TelemetryCodec.MAX_BYTES))
            .to(calls::telemetry),
        Route.post("/internal/v1/answers", "answers", "What a gateway says to a question")
            .needs(Action.LINK, Scope.EVERYWHERE)
            .body(new Body("", List.of(Json.CONTENT_TYPE), QuestionCodec.MAX_ANSWER_BYTES))
            .to(calls::answers));
  }

  private static List<Route> audit(AuditCalls calls) {
    return List.of(
        Route.get(API + "/audit", "listAudit", "The audit log, oldest first")
            .needs(Action.READ, Scope.EVERYWHERE)
            .query("after", "integer", "Entries after this sequence number")
            .query("limit", "integer", "At most so many, 1 to 1000 (the default)")
            .answers("AuditList")
            .to(calls::list),
        Route.get(API + "/audit/verify", "verifyAudit", "Whether the audit log can be believed")
            .needs(Action.READ, Scope.EVERYWHERE)
            .answers("AuditReport")
            .to(_ -> calls.verify()),
        reasoned(
                Route.post(
                    API + "/audit/acknowledge",
                    "acknowledgeRestore",
                    "Says that a restore which the audit log tells of is true"))
            .needs(Action.ADMINISTER, Scope.EVERYWHERE)
            .query("restore", "integer", "Number of the audit entry that tells of the restore")
            .answers("AuditEntry")
            .to(calls::acknowledge));
  }

  private static Route.Builder reasoned(Route.Builder route) {
    return route.query("reason", "string", "Why, for the audit log; or header x-weir-reason");
  }

  private static Scope inNamespace(Map<String, String> path) {
    return new Scope.Namespace(namespace(path));
  }

  private static String namespace(Map<String, String> path) {
    return path.getOrDefault("namespace", "");
  }
}
