// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.client.HistoryItem;
import dev.weir.model.AlertChannel;
import dev.weir.model.ApiKey;
import dev.weir.model.Model;
import dev.weir.model.ModelVersion;
import dev.weir.model.Policy;
import dev.weir.model.Principal;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Rollout;
import dev.weir.model.Route;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.codec.FieldChanges;
import dev.weir.model.codec.Manifests;
import dev.weir.model.codec.YamlText;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.spec.PolicySpec;
import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.RouteSpec;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Formats resources of every kind, as tables and in detail.
public final class ResourceText {
  private static final int SHOWN_CHANGES = 4;

  private ResourceText() {}

  /// One row per resource; the columns depend on the kind.
  ///
  /// @param wide adds labels and revision and does not truncate messages
  ///
  /// @param serving the serving state of Services; may omit some
  public static Table table(
      Kind kind,
      List<? extends Resource> resources,
      List<ServiceView> serving,
      boolean wide,
      Instant now) {
    List<String> heads = new ArrayList<>(heads(kind));
    if (wide) {
      heads.addAll(List.of("REVISION", "LABELS"));
    }
    Table table = new Table(heads.toArray(new String[0]));
    if (!wide && kind == Kind.SERVICE) {
      table.cut(heads.indexOf("MESSAGE"));
    }
    for (Resource resource : resources) {
      List<String> cells = new ArrayList<>();
      cells.add(resource.metadata().name());
      cells.addAll(cells(resource, serving));
      cells.add(NumberFormats.age(resource.metadata().createdAt(), now));
      if (wide) {
        cells.add(Long.toString(resource.metadata().revision()));
        cells.add(pairs(resource.metadata().labels()));
      }
      table.row(cells);
    }
    return table;
  }

  private static List<String> heads(Kind kind) {
    return switch (kind) {
      case MODEL -> List.of("NAME", "OWNER", "LICENCE", "AGE");
      case MODEL_VERSION -> List.of("NAME", "VERSION", "ENGINE", "AGE");
      case SERVICE ->
          List.of("NAME", "WANTED", "STABLE", "READY", "STATE", "ROLLOUT", "MESSAGE", "AGE");
      case ROLLOUT ->
          List.of("NAME", "SERVICE", "FROM", "TO", "PHASE", "WEIGHT", "DECIDED BY", "AGE");
      case TARGET -> List.of("NAME", "PROVIDER", "REGION", "CLOUD", "ENVIRONMENT", "AGE");
      case ROUTE -> List.of("NAME", "MODELS", "BACKENDS", "FALLBACKS", "AGE");
      case PRINCIPAL -> List.of("NAME", "TYPE", "DISABLED", "AGE");
      case ROLE_BINDING -> List.of("NAME", "PRINCIPAL", "ROLE", "WHERE", "AGE");
      case API_KEY -> List.of("NAME", "PRINCIPAL", "KEY", "MODELS", "EXPIRES", "STATE", "AGE");
      case ALERT_CHANNEL -> List.of("NAME", "TYPE", "SEVERITY", "EVENTS", "RESOLVE", "AGE");
      case POLICY -> List.of("NAME", "NAMESPACES", "FREEZES", "PER TARGET", "TOTAL", "AGE");
    };
  }

  private static List<String> cells(Resource resource, List<ServiceView> serving) {
    return switch (resource) {
      case Model model -> List.of(model.spec().owner(), model.spec().licence().orElse(""));
      case ModelVersion version ->
          List.of(version.spec().ref().toString(), version.spec().engine().type().text());
      case Service service -> service(service, view(service, serving));
      case Rollout rollout ->
          List.of(
              rollout.spec().service(),
              rollout.spec().from().toString(),
              rollout.spec().to().toString(),
              rollout.status().phase().text(),
              NumberFormats.number(rollout.status().weight()) + "%",
              String.join(",", rollout.status().decidedBy()));
      case Target target ->
          List.of(
              target.spec().provider().text(),
              target.spec().region().orElse(""),
              target.spec().cloud().orElse(""),
              target.spec().environment().orElse(""));
      case Route route ->
          List.of(String.join(",", route.spec().names()), backends(route), fallbacks(route));
      case Principal principal ->
          List.of(principal.spec().type().text(), principal.spec().disabled() ? "yes" : "no");
      case RoleBinding binding ->
          List.of(
              binding.spec().principal(),
              binding.spec().role().text(),
              binding.spec().allNamespaces() ? "all namespaces" : binding.metadata().namespace());
      case ApiKey key -> key(key);
      case AlertChannel channel -> channel(channel);
      case Policy policy -> policy(policy.spec());
    };
  }

  private static Optional<ServiceView> view(Service service, List<ServiceView> serving) {
    return serving.stream()
        .filter(view -> view.namespace().equals(service.metadata().namespace()))
        .filter(view -> view.name().equals(service.metadata().name()))
        .findFirst();
  }

  /// The reason why replicas are not ready is more useful than the message of the last transition.
  private static List<String> service(Service service, Optional<ServiceView> view) {
    String reason = view.map(ServiceView::reason).orElse("");
    Optional<String> outOfSync = service.status().outOfSync();
    String message = outOfSync.map(ResourceText::outOfSync).orElse(service.status().message());
    String missing = outOfSync.isEmpty() || reason.isEmpty() ? reason : reason + "; " + message;
    return List.of(
        service.spec().version().toString(),
        service.status().stable().map(stable -> stable.version().toString()).orElse(""),
        view.map(v -> v.ready() + "/" + v.wanted()).orElse(""),
        view.map(v -> v.state().text() + (outOfSync.isEmpty() ? "" : ",OutOfSync")).orElse(""),
        service.status().rollout().orElse(""),
        missing.isEmpty() ? message : missing);
  }

  /// `OutOfSync: chat@3 was rolled back ...`.
  public static String outOfSync(String reason) {
    return "OutOfSync: " + reason;
  }

  private static List<String> key(ApiKey key) {
    return List.of(
        key.spec().principal(),
        key.spec().hint().isEmpty() ? "" : key.spec().hint() + "...",
        key.spec().models().isEmpty() ? "all" : String.join(",", key.spec().models()),
        key.spec().expiresAt().map(NumberFormats::time).orElse("never"),
        key.spec().revoked() ? "revoked" : "valid");
  }

  private static List<String> channel(AlertChannel channel) {
    List<AlertEvent> events = channel.spec().events();
    return List.of(
        channel.spec().type().text(),
        channel.spec().minSeverity().text() + "+",
        events.isEmpty()
            ? "all"
            : events.stream().map(AlertEvent::text).collect(Collectors.joining(",")),
        channel.spec().resolve() ? "yes" : "no");
  }

  private static List<String> policy(PolicySpec policy) {
    return List.of(
        policy.namespaces().isEmpty() ? "all" : String.join(",", policy.namespaces()),
        policy.freeze().isEmpty()
            ? "-"
            : policy.freeze().stream().map(Freeze::name).collect(Collectors.joining(",")),
        limit(policy.maxConcurrentRollouts().perTarget()),
        limit(policy.maxConcurrentRollouts().total()));
  }

  private static String limit(int max) {
    return max == 0 ? "-" : Integer.toString(max);
  }

  private static String backends(Route route) {
    return route.spec().backends().stream()
        .map(backend -> backend.service() + ":" + backend.weight())
        .collect(Collectors.joining(","));
  }

  private static String fallbacks(Route route) {
    return route.spec().fallbacks().stream()
        .map(RouteSpec.Fallback::service)
        .collect(Collectors.joining(","));
  }

  private static String pairs(Map<String, String> map) {
    return new TreeMap<>(map)
        .entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(","));
  }

  /// `Serving 2/3 ready: Degraded (chat-1-0 Starting)`.
  public static String serving(ServiceView view) {
    return "Serving  %d/%d ready: %s%s\n%s"
        .formatted(
            view.ready(),
            view.wanted(),
            view.state().text(),
            view.reason().isEmpty() ? "" : " (" + TerminalSanitizer.line(view.reason()) + ")",
            view.outOfSync().isEmpty()
                ? ""
                : outOfSync(TerminalSanitizer.line(view.outOfSync())) + "\n");
  }

  /// One row per replica.
  ///
  /// The default table shows endpoints only if there is an external replica: its name does not
  /// identify the server.
  ///
  /// @param wide adds process, address and engine and does not truncate reasons
  public static Table replicas(List<ReplicaView> replicas, boolean wide, Instant now) {
    List<String> heads =
        new ArrayList<>(
            List.of("NAME", "NAMESPACE", "VERSION", "TARGET", "STATE", "RESTARTS", "AGE"));
    boolean endpoints = !wide && replicas.stream().anyMatch(ReplicaView::external);
    heads.addAll(
        wide
            ? List.of("PID", "ENDPOINT", "ENGINE", "RUNNING", "WAITING", "KV", "REASON")
            : endpoints ? List.of("ENDPOINT", "REASON") : List.of("REASON"));
    Table table = new Table(heads.toArray(new String[0]));
    if (!wide) {
      table.cut(heads.indexOf("REASON"));
    }
    for (ReplicaView replica : replicas) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  replica.name(),
                  replica.namespace(),
                  replica.version().toString(),
                  replica.target(),
                  state(replica),
                  Integer.toString(replica.restarts()),
                  NumberFormats.age(replica.since(), now)));
      if (wide) {
        cells.add(replica.pid().map(pid -> Long.toString(pid)).orElse(""));
        cells.add(replica.endpoint().map(Object::toString).orElse(""));
        cells.addAll(EngineText.cells(replica.engine(), now));
      } else if (endpoints) {
        cells.add(replica.endpoint().map(Object::toString).orElse(""));
      }
      cells.add(replica.reason());
      table.row(cells);
    }
    return table;
  }

  /// The state with the order, such as `Ready,Cordoned`.
  private static String state(ReplicaView replica) {
    String state = replica.state().text();
    return replica
        .order()
        .map(order ->
            switch (order.kind()) {
              case CORDON -> state + ",Cordoned";
              case DRAIN -> state.equals("Stopped") ? state + ",Drained" : state;
              case RESTART, RESTART_NOW -> state + ",Restart";
            })
        .orElse(state);
  }

  /// One row per gateway.
  public static Table gateways(List<GatewayView> gateways, boolean wide, Instant now) {
    List<String> heads =
        new ArrayList<>(
            List.of(
                "ID",
                "VERSION",
                "CONNECTED",
                "SNAPSHOT",
                "NEWEST",
                "BEHIND",
                "HASH",
                "LEASE",
                "SEEN"));
    heads.addAll(wide ? List.of("ACKNOWLEDGED", "FORMAT", "BOOT", "STORE", "SHA-256") : List.of());
    Table table = new Table(heads.toArray(new String[0]));
    for (GatewayView gateway : gateways) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  gateway.id(),
                  gateway.version(),
                  gateway.connected() ? "yes" : "no",
                  Long.toString(gateway.sequence()),
                  Long.toString(gateway.published()),
                  lag(gateway),
                  hash(gateway),
                  gateway.leaseMillis() == 0 ? "none" : gateway.leaseMillis() / 1000 + "s",
                  NumberFormats.age(gateway.lastSeen(), now) + " ago"));
      if (wide) {
        cells.addAll(
            List.of(
                NumberFormats.age(gateway.acknowledgedAt(), now) + " ago",
                gateway.format() == 0 ? "?" : Integer.toString(gateway.format()),
                gateway.boot(),
                gateway.store().isEmpty() ? "?" : gateway.store(),
                gateway.hash()));
      }
      table.row(cells);
    }
    return table;
  }

  private static String hash(GatewayView gateway) {
    if (gateway.followsAnotherStore()) {
      return "other-store";
    }
    return gateway.sequence() == 0 ? "-" : gateway.hashStatus().text();
  }

  private static String lag(GatewayView gateway) {
    long snapshots = gateway.published() - gateway.sequence();
    return snapshots <= 0
        ? "-"
        : snapshots + ", " + NumberFormats.span(Duration.ofMillis(gateway.behindMillis()));
  }

  /// Past specs, newest first, with the fields that changed.
  public static Table history(List<HistoryItem> items) {
    Table table = new Table("REVISION", "AT", "CHANGED").right(0);
    for (int i = 0; i < items.size(); i++) {
      HistoryItem item = items.get(i);
      boolean first = i + 1 == items.size() || items.get(i + 1).deleted();
      String what = item.deleted() ? "deleted" : first ? "created" : changed(items, i);
      table.row(Long.toString(item.revision()), NumberFormats.time(item.at()), what);
    }
    return table;
  }

  private static String changed(List<HistoryItem> items, int index) {
    List<String> paths =
        FieldChanges.between(userFields(items.get(index + 1)), userFields(items.get(index)));
    String listed = String.join(", ", paths.subList(0, Math.min(SHOWN_CHANGES, paths.size())));
    int more = paths.size() - SHOWN_CHANGES;
    return more > 0 ? listed + " and " + more + " more" : listed;
  }

  /// The user's part of a resource: spec, labels and annotations.
  private static JsonNode userFields(HistoryItem item) {
    ObjectNode tree = Manifests.toTree(item.resource());
    tree.remove("status");
    ObjectNode metadata = (ObjectNode) tree.get("metadata");
    metadata.remove(List.of("revision", "specRevision", "createdAt"));
    return tree;
  }

  /// All details of one resource.
  public static String describe(Resource resource, Instant now) {
    Metadata metadata = resource.metadata();
    ObjectNode tree = Manifests.toTree(resource);
    StringBuilder text = new StringBuilder();
    field(text, "Name", metadata.name());
    field(text, "Kind", resource.kind().text());
    field(text, "Namespace", metadata.namespace());
    field(text, "Labels", pairs(metadata.labels()));
    field(text, "Annotations", pairs(metadata.annotations()));
    field(text, "Revision", metadata.revision() + " (spec " + metadata.specRevision() + ")");
    metadata
        .createdAt()
        .map(at -> NumberFormats.time(at) + " (" + NumberFormats.age(at, now) + " ago)")
        .ifPresent(created -> field(text, "Created", created));
    section(text, "Spec", tree.path("spec"));
    section(text, "Status", tree.path("status"));
    return text.toString();
  }

  private static void field(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(name).append(':').append(" ".repeat(13 - name.length()));
      text.append(TerminalSanitizer.line(value)).append('\n');
    }
  }

  private static void section(StringBuilder text, String head, JsonNode tree) {
    JsonNode shown = withoutEmpty(tree);
    if (!shown.isEmpty()) {
      text.append(head).append('\n');
      text.append(TerminalSanitizer.block(YamlText.print(shown)).indent(2));
    }
  }

  /// A copy without empty lists and objects as values of fields.
  private static JsonNode withoutEmpty(JsonNode tree) {
    if (tree.isArray()) {
      ArrayNode items = JsonNodeFactory.instance.arrayNode();
      tree.forEach(item -> items.add(withoutEmpty(item)));
      return items;
    }
    if (!tree.isObject()) {
      return tree;
    }
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> field : tree.properties()) {
      JsonNode value = withoutEmpty(field.getValue());
      if (!value.isContainer() || !value.isEmpty()) {
        fields.set(field.getKey(), value);
      }
    }
    return fields;
  }
}
