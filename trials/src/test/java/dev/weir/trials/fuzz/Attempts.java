// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
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
  private static final List<String> NAMES =
      List.of("chat", "search", "chat-1", "chat-2", "r-chat", "b0", "chat-1-1", "none");
  private static final List<String> VERBS =
      List.of("pause", "resume", "promote", "abort", "retry", "rollback", "issue", "revoke", "x");
  private static final List<String> METHODS =
      List.of("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW");

  private final RandomGenerator random;
  private final String namespace;
  private final String worker;
  private final List<String> keys;
  private final Manifest manifest;
  private final Damage damage;
  private int made;

  /// @param keys what callers may show; the first is used most
  Attempts(RandomGenerator random, String namespace, String worker, List<String> keys) {
    this.random = random;
    this.namespace = namespace;
    this.worker = worker;
    this.keys = List.copyOf(keys);
    this.manifest = new Manifest(random, namespace);
    this.damage = new Damage(random);
  }

  Attempt next() {
    return switch (random.nextInt(20)) {
      case 0, 1, 2 -> apply(manifest.set(), false);
      case 3, 4, 5, 6, 7, 8, 9 -> apply(manifest.set(), true);
      case 10, 11 -> put(random.nextInt(3) > 0);
      case 12, 13 -> damagedText();
      case 14, 15 -> oddPath();
      case 16, 17 -> command();
      case 18 -> reading();
      default -> damagedFraming();
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
    byte[] body = damage.hit(text(manifest.set()));
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

  private Attempt command() {
    String plural = oneOf("rollouts", "rollouts", "services", "apikeys");
    byte[] body =
        switch (random.nextInt(4)) {
          case 0 -> text(List.of(manifest.any()));
          case 1 -> damage.text().getBytes(UTF_8);
          case 2 -> ("{\"role\":\"" + oneOf("viewer", "inference", "god") + "\"}").getBytes(UTF_8);
          default -> new byte[0];
        };
    return request("POST", path(plural, oneOf(NAMES)) + "/" + oneOf(VERBS), body, List.of());
  }

  private Attempt reading() {
    String path =
        oneOf(
            "/api/v1/audit?after=" + random.nextInt(-5, 50) + "&limit=" + random.nextInt(-1, 40),
            "/api/v1/watch?after=" + random.nextLong(-5, 1L << 40),
            "/api/v1/watch?kinds=" + encoded(damage.text()),
            "/api/v1/replicas",
            "/api/v1/gateways",
            "/api/v1/openapi.json",
            "/api/v1/whoami",
            "/internal/v1/snapshots?after=" + encoded(damage.text()),
            "/api/v1/namespaces/"
                + namespace
                + "/"
                + oneOf(PLURALS)
                + "?limit="
                + random.nextInt(-2, 9));
    return request("GET", path, new byte[0], List.of());
  }

  /// The head itself is damaged: the server may answer 4xx or close, and must go on.
  private Attempt damagedFraming() {
    Attempt right = apply(manifest.set(), false);
    String text = new String(right.bytes(), ISO_8859_1);
    int head = text.indexOf("\r\n\r\n") + 4;
    byte[] bad = damage.hit(text.substring(0, head).getBytes(ISO_8859_1));
    String end = new String(bad, ISO_8859_1).contains("\r\n\r\n") ? "" : "\r\n\r\n";
    // What a damaged head applies is not tracked: it ends before the body begins.
    String request = new String(bad, ISO_8859_1) + end;
    return new Attempt(
        right.id(), "damaged framing", request.getBytes(ISO_8859_1), false, List.of());
  }

  private Attempt request(String method, String path, byte[] body, List<ObjectNode> set) {
    String id = worker + "-" + made++;
    StringBuilder head = new StringBuilder();
    head.append(method)
        .append(' ')
        .append(path)
        .append(" HTTP/1.1\r\nHost: weir\r\nx-request-id: ")
        .append(id)
        .append("\r\n");
    key().ifPresent(key -> head.append("Authorization: Bearer ").append(key).append("\r\n"));
    if (random.nextInt(8) == 0) {
      head.append("If-Match: ")
          .append(oneOf("\"1\"", "\"0\"", "*", "W/\"x\"", "1", "\"99999999999999999999\""))
          .append("\r\n");
    }
    if (random.nextInt(8) == 0) {
      head.append("Idempotency-Key: ")
          .append(oneOf("a", "b", "c", "k".repeat(300), worker + made))
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
    return new Attempt(id, method + " " + path, all, true, set);
  }

  private java.util.Optional<String> key() {
    return switch (random.nextInt(25)) {
      case 0 -> java.util.Optional.empty();
      case 1 -> java.util.Optional.of("wrong");
      case 2, 3 -> java.util.Optional.of(keys.get(random.nextInt(keys.size())));
      default -> java.util.Optional.of(keys.getFirst());
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
    boolean global = plural.equals("targets") || plural.equals("principals");
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
