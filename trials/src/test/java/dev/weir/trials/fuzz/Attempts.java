// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.model.value.Kind;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Requests without end, the same for the same seed: right ones, so that there is something to
/// damage; and ones with a wrong tree, text, path, query, header or framing.
final class Attempts {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final YAMLMapper YAML = YAMLMapper.builder().build();
  private static final List<String> PLURALS =
      List.of(
          "models",
          "modelversions",
          "services",
          "rollouts",
          "routes",
          "rolebindings",
          "apikeys",
          "targets",
          "principals");
  private static final String GLOBAL =
      Stream.of(Kind.values())
          .filter(kind -> !kind.namespaced())
          .map(Kind::plural)
          .collect(Collectors.joining("|"));
  private static final List<String> NAMES =
      List.of("chat", "search", "chat-1", "chat-2", "r-chat", "b0", "chat-1-1", "none");
  private static final List<String> METHODS =
      List.of("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW");

  private final RandomGenerator random;
  private final String namespace;
  private final String worker;
  private final List<String> keys;
  private final String gatewayKey;
  private final LiveApi api;
  private final FromSchema schemas;
  private final Framing framing;
  private final Manifest manifest;
  private final Damage damage;
  private int made;

  /// @param keys what callers may show; the first is used most
  /// @param gatewayKey what opens the routes between the planes
  Attempts(
      RandomGenerator random,
      LiveApi api,
      String namespace,
      String worker,
      List<String> keys,
      String gatewayKey) {
    this.random = random;
    this.namespace = namespace;
    this.worker = worker;
    this.keys = List.copyOf(keys);
    this.gatewayKey = gatewayKey;
    this.api = api;
    this.schemas = new FromSchema(api, random, NAMES);
    this.framing = new Framing(random, namespace);
    this.manifest = new Manifest(random, namespace);
    this.damage = new Damage(random);
  }

  Attempt next() {
    return switch (random.nextInt(20)) {
      case 0, 1 -> apply(manifest.set(), false);
      case 2, 3, 4, 5, 6 -> apply(manifest.set(), true);
      case 7, 8 -> put(random.nextInt(3) > 0);
      case 9, 10 -> damagedText();
      case 11 -> oddPath();
      case 12, 13, 14, 15, 16, 17 -> anyRoute();
      case 18 -> damagedFraming();
      default -> foulFraming();
    };
  }

  private Attempt apply(List<ObjectNode> set, boolean damaged) {
    if (damaged) {
      damage.hit(set);
    }
    String path =
        oneOf("/api/v1/apply", "/api/v1/apply", "/api/v1/apply?dryRun=true", "/api/v1/plan");
    boolean applies = path.equals("/api/v1/apply");
    return request("POST", path, text(set), applies ? set : List.of());
  }

  private Attempt put(boolean damaged) {
    ObjectNode one = manifest.any();
    String path =
        path(
            one.path("kind").asString().toLowerCase(java.util.Locale.ROOT) + "s",
            one.path("metadata").path("name").asString());
    if (damaged) {
      damage.hit(List.of(one));
    }
    return request("PUT", path, text(List.of(one)), List.of(one));
  }

  private Attempt damagedText() {
    byte[] body = random.nextInt(6) == 0 ? damage.bomb() : damage.hit(text(manifest.set()));
    return request("POST", oneOf("/api/v1/apply", "/api/v1/plan"), body, List.of());
  }

  private Attempt oddPath() {
    String path =
        path(oneOf(PLURALS), random.nextInt(3) == 0 ? encoded(damage.text()) : oneOf(NAMES));
    if (random.nextInt(3) == 0) {
      path += "/" + (random.nextBoolean() ? encoded(damage.text()) : "history");
    }
    if (random.nextInt(3) == 0) {
      path +=
          "?" + oneOf("limit", "continue", "after", "reason", "x") + "=" + encoded(damage.text());
    }
    return request(
        oneOf(METHODS), path, random.nextBoolean() ? new byte[0] : text(manifest.set()), List.of());
  }

  /// Any route there is, with what it asks for, nearly.
  private Attempt anyRoute() {
    LiveApi.Operation to = api.operations().get(random.nextInt(api.operations().size()));
    StringBuilder path = new StringBuilder(filled(to.path()));
    char next = '?';
    for (Map.Entry<String, String> parameter : to.query().entrySet()) {
      if (random.nextInt(3) == 0) {
        path.append(next).append(parameter.getKey()).append('=').append(given(parameter));
        next = '&';
      }
    }
    if (random.nextInt(20) == 0) {
      path.append(next).append(encoded(damage.text())).append("=x");
    }
    boolean linked = to.internal() && random.nextInt(4) > 0;
    return request(
        to.key(),
        to.method(),
        path.toString(),
        body(to),
        linked ? Optional.of(gatewayKey) : key(),
        List.of());
  }

  private String filled(String template) {
    StringBuilder path = new StringBuilder();
    for (String part : template.substring(1).split("/", -1)) {
      path.append('/');
      if (part.equals("{namespace}")) {
        path.append(random.nextInt(15) == 0 ? "nowhere" : namespace);
      } else if (part.startsWith("{")) {
        path.append(random.nextInt(4) == 0 ? encoded(damage.text()) : oneOf(NAMES));
      } else {
        path.append(part);
      }
    }
    // Global kinds are shared: each worker has some of its own.
    return template.contains("{namespace}")
        ? path.toString()
        : path.toString()
            .replaceFirst("^/api/v1/(" + GLOBAL + ")/", "/api/v1/$1/" + namespace + "-");
  }

  private String given(Map.Entry<String, String> parameter) {
    return switch (parameter.getValue()) {
      case "integer" ->
          oneOf("0", "1", "7", "1000", "-1", "1e3", "%201", "99999999999999999999", "");
      case "boolean" -> oneOf("true", "false", "TRUE", "1", "");
      default -> random.nextBoolean() ? oneOf(NAMES) : encoded(damage.text());
    };
  }

  private byte[] body(LiveApi.Operation to) {
    if (to.schema().isMissingNode()) {
      return random.nextInt(4) == 0 ? damage.text().getBytes(UTF_8) : new byte[0];
    }
    if (to.internal()) {
      return random.nextInt(3) == 0
          ? damage.hit(telemetry())
          : JSON.writeValueAsBytes(hit(JSON.readTree(telemetry())));
    }
    if (to.schema().isEmpty()) {
      return text(manifest.set());
    }
    if (random.nextBoolean() && to.method().equals("PUT")) {
      return text(List.of(manifest.any()));
    }
    return JSON.writeValueAsBytes(hit(schemas.value(to.schema())));
  }

  private JsonNode hit(JsonNode tree) {
    if (tree instanceof ObjectNode object && random.nextBoolean()) {
      damage.hit(List.of(object));
    }
    return tree;
  }

  /// A telemetry batch of an unknown gateway.
  private byte[] telemetry() {
    return """
    {"gateway": "g%d", "boot": "b%d", "batch": %d, "version": "1", "formatVersions": [3],
     "snapshotSequence": %d, "snapshotHash": "x", "nowMillis": 1, "lostBatches": 0,
     "slices": [{"service": "%s/chat", "version": "chat@1", "replica": "r", "startMillis": 1,
       "endMillis": 2, "success": 1, "failure": 0, "backpressure": 0, "neutral": 0,
       "truncated": 0, "promptTokens": 1, "outputTokens": 1, "ttft": {"5": 1}, "itl": {},
       "e2e": {"999": 1}}],
     "arrivals": [{"rollout": "%s/chat-1", "step": 0, "slice": 0, "snapshotSequence": 1,
       "weightMillionths": 50000, "startMillis": 1, "endMillis": 2, "canary": 1, "baseline": 9}],
     "records": [{"rollout": "%s/chat-1", "slice": 0, "index": 0, "canary": true,
       "outcome": "SUCCESS", "ttftMicros": 5, "itlMicros": 5, "e2eMicros": 50,
       "outputTokens": 5, "truncated": false}],
     "inFlight": [{"service": "%s/chat", "replica": "r", "count": 1}]}
    """
        .formatted(
            random.nextInt(9),
            random.nextInt(3),
            random.nextInt(50),
            random.nextInt(50),
            namespace,
            namespace,
            namespace,
            namespace)
        .getBytes(UTF_8);
  }

  /// The head itself is damaged: the server may answer 4xx or close, and must go on.
  private Attempt damagedFraming() {
    Attempt right = apply(manifest.set(), false);
    String text = new String(right.bytes(), ISO_8859_1);
    int head = text.indexOf("\r\n\r\n") + 4;
    byte[] bad = damage.hit(text.substring(0, head).getBytes(ISO_8859_1));
    String end = new String(bad, ISO_8859_1).contains("\r\n\r\n") ? "" : "\r\n\r\n";
    // A damaged head is not tracked: it ends before the body starts.
    String request = new String(bad, ISO_8859_1) + end;
    return new Attempt(
        right.id(), "", "damaged framing", request.getBytes(ISO_8859_1), false, List.of());
  }

  private Attempt foulFraming() {
    String id = worker + "-" + made++;
    byte[] bytes = framing.next(id, keys.getFirst());
    String what = new String(bytes, 0, Math.min(bytes.length, 300), ISO_8859_1);
    return new Attempt(id, "", "foul framing " + what, bytes, false, List.of());
  }

  private Attempt request(String method, String path, byte[] body, List<ObjectNode> set) {
    return request("", method, path, body, key(), set);
  }

  private Attempt request(
      String route,
      String method,
      String path,
      byte[] body,
      Optional<String> key,
      List<ObjectNode> set) {
    String id = worker + "-" + made++;
    StringBuilder head = new StringBuilder();
    head.append(method)
        .append(' ')
        .append(path)
        .append(" HTTP/1.1\r\nHost: weir\r\nx-request-id: ")
        .append(id)
        .append("\r\n");
    key.ifPresent(shown -> head.append("Authorization: Bearer ").append(shown).append("\r\n"));
    if (random.nextInt(8) == 0) {
      head.append("If-Match: ")
          .append(
              oneOf(
                  "\"1\"",
                  "\"0\"",
                  "*",
                  "W/\"x\"",
                  "1",
                  "\"1\", \"2\"",
                  "\"99999999999999999999\""))
          .append("\r\n");
    }
    if (random.nextInt(8) == 0) {
      head.append("Idempotency-Key: ")
          .append(oneOf("a", "b", "c", "k".repeat(300), worker + made))
          .append("\r\n");
    }
    if (random.nextInt(12) == 0) {
      head.append(oneOf("If-None-Match", "Last-Event-ID", "x-weir-reason", "Accept"))
          .append(": ")
          .append(oneOf("*", "x", "-1", "99999999999999999999", "r".repeat(2_000), "\u00e9"))
          .append("\r\n");
    }
    if (random.nextInt(3) == 0) {
      head.append("Content-Type: ")
          .append(
              oneOf(
                  "application/json", "application/yaml", "text/plain", "x", "multipart/form-data"))
          .append("\r\n");
    }
    head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    byte[] top = head.toString().getBytes(UTF_8);
    byte[] all = java.util.Arrays.copyOf(top, top.length + body.length);
    System.arraycopy(body, 0, all, top.length, body.length);
    return new Attempt(id, route, method + " " + path, all, true, set);
  }

  private Optional<String> key() {
    return switch (random.nextInt(25)) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of("wrong");
      case 2, 3 -> Optional.of(keys.get(random.nextInt(keys.size())));
      default -> Optional.of(keys.getFirst());
    };
  }

  private byte[] text(List<ObjectNode> set) {
    List<String> documents = new ArrayList<>();
    boolean yaml = random.nextInt(3) > 0;
    for (ObjectNode one : set) {
      documents.add(yaml ? YAML.writeValueAsString(one) : JSON.writeValueAsString(one));
    }
    return String.join(yaml ? "" : "\n---\n", documents).getBytes(UTF_8);
  }

  private String path(String plural, String name) {
    boolean global = Kind.named(plural).filter(kind -> !kind.namespaced()).isPresent();
    return "/api/v1/" + (global ? "" : "namespaces/" + namespace + "/") + plural + "/" + name;
  }

  private static String encoded(String text) {
    String safe = URLEncoder.encode(text, UTF_8);
    return safe.length() > 2_000 ? safe.substring(0, 1_998) : safe;
  }

  private String oneOf(String... from) {
    return from[random.nextInt(from.length)];
  }

  private String oneOf(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
