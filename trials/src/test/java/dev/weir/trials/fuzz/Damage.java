// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes a valid text slightly invalid: in the tree (a field removed, renamed, of another type, out
/// of range) or in the text (a byte flipped, a piece removed or duplicated).
final class Damage {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "null",
          "true",
          "-1",
          "1e400",
          "NaN",
          "99999999999999999999",
          "10%%",
          "-5m",
          "PT1H",
          "chat@",
          "@1",
          "chat@1@2",
          "../../etc/passwd",
          "file:/etc/passwd",
          "env:PATH",
          "${jndi:ldap://127.0.0.1/x}",
          "{{7*7}}",
          "'; DROP TABLE resources; --",
          "<script>alert(1)</script>",
          "http://169.254.169.254/latest",
          "http://[::1]:9090",
          "gopher://x",
          "a\u0000b",
          "\u202e\u200b",
          "\ud83d\ude00",
          "\ud800",
          "x".repeat(300),
          "y".repeat(20_000),
          "%n%s%d",
          "line\nline\r\nline",
          "weir.dev/v2",
          "Service",
          "default");

  private final RandomGenerator random;

  Damage(RandomGenerator random) {
    this.random = random;
  }

  /// Damages one to four places of one of the trees.
  void hit(List<ObjectNode> trees) {
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      hit(trees.get(random.nextInt(trees.size())));
    }
  }

  private void hit(ObjectNode tree) {
    List<JsonNode> places = new ArrayList<>();
    collect(tree, places);
    switch (places.get(random.nextInt(places.size()))) {
      case ObjectNode object -> hitField(object);
      case ArrayNode array -> hitElement(array);
      default -> {}
    }
  }

  private static void collect(JsonNode node, List<JsonNode> into) {
    if (node.isObject() || node.isArray()) {
      into.add(node);
      node.forEach(child -> collect(child, into));
    }
  }

  private void hitField(ObjectNode object) {
    List<String> names = List.copyOf(object.propertyNames());
    if (names.isEmpty() || random.nextInt(6) == 0) {
      object.set(pick(TEXTS), value(0));
      return;
    }
    String name = names.get(random.nextInt(names.size()));
    switch (random.nextInt(5)) {
      case 0 -> object.remove(name);
      case 1 -> object.set(name + "x", object.remove(name));
      default -> object.set(name, value(0));
    }
  }

  private void hitElement(ArrayNode array) {
    if (array.isEmpty() || random.nextInt(3) == 0) {
      array.add(value(0));
    } else if (random.nextBoolean()) {
      array.remove(random.nextInt(array.size()));
    } else {
      JsonNode again = array.get(random.nextInt(array.size()));
      for (int i = 0; i < 1 + random.nextInt(40); i++) {
        array.add(again.deepCopy());
      }
    }
  }

  private JsonNode value(int depth) {
    return switch (random.nextInt(11)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> NODES.numberNode(random.nextLong());
      case 3 -> NODES.numberNode(-random.nextInt(10));
      case 4 -> NODES.numberNode(random.nextDouble() * 1e6);
      case 5 -> NODES.numberNode(BigInteger.TEN.pow(1 + random.nextInt(60)));
      case 6 -> nested(depth);
      case 7 -> NODES.arrayNode().add(NODES.stringNode(pick(TEXTS)));
      default -> NODES.stringNode(pick(TEXTS));
    };
  }

  private JsonNode nested(int depth) {
    ObjectNode object = NODES.objectNode();
    if (depth < 40) {
      object.set(pick(TEXTS), random.nextInt(8) == 0 ? value(depth) : nested(depth + 1));
    }
    return object;
  }

  /// Damages the text itself.
  byte[] hit(byte[] text) {
    byte[] hit = text.clone();
    for (int i = random.nextInt(4); i >= 0 && hit.length > 4; i--) {
      int at = random.nextInt(hit.length - 2);
      int until = at + 1 + random.nextInt(Math.min(40, hit.length - at - 1));
      hit =
          switch (random.nextInt(5)) {
            case 0 -> join(slice(hit, 0, at), slice(hit, until, hit.length));
            case 1 -> join(slice(hit, 0, until), slice(hit, at, hit.length));
            case 2 ->
                join(slice(hit, 0, at), pick(TEXTS).getBytes(UTF_8), slice(hit, at, hit.length));
            case 3 -> slice(hit, 0, at);
            default -> flipped(hit, at);
          };
    }
    return hit;
  }

  /// A text made to cost more than it weighs.
  byte[] bomb() {
    StringBuilder aliases = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      aliases.append("a%d: &a%d [".formatted(i, i));
      aliases.append(("*a" + (i - 1) + ", ").repeat(9)).append("]\n");
    }
    String text =
        pick(
            List.of(
                aliases.toString(),
                "a: &a [*a]",
                "[".repeat(20_000),
                "{\"a\":".repeat(20_000),
                "- ".repeat(20_000),
                "? ".repeat(20_000),
                "---\n".repeat(3_000),
                "{\"kind\":\"List\",\"items\":[" + "{},".repeat(1_500) + "{}]}",
                "{\"kind\":\"Model\",\"a\":" + "9".repeat(200_000) + "}",
                "{\"kind\":\"Model\",\"a\":1e999999999}",
                "kind: Model\nkind: Service\nkind: Model\n",
                "<<: &x {a: b}\nc: *x\n",
                "!!java.net.URLClassLoader [[!!java.net.URL [\"http://127.0.0.1:9/\"]]]",
                "\uFEFF\uFEFFkind: Model",
                "kind: Model\r\rmetadata:\t{name: a}",
                "k".repeat(300_000) + ": 1",
                "a: \"" + "\\u0041".repeat(50_000) + "\"",
                "a: |\n" + " ".repeat(200_000),
                "#" + "x".repeat(1_000_000),
                "%TAG ! tag:x,2026:\n---\n!a b"));
    return switch (random.nextInt(5)) {
      case 0 -> text.getBytes(java.nio.charset.StandardCharsets.UTF_16);
      case 1 -> hit(text.getBytes(UTF_8));
      default -> text.getBytes(UTF_8);
    };
  }

  private byte[] flipped(byte[] text, int at) {
    text[at] = (byte) random.nextInt(256);
    return text;
  }

  private static byte[] slice(byte[] bytes, int from, int to) {
    return java.util.Arrays.copyOfRange(bytes, from, to);
  }

  private static byte[] join(byte[]... parts) {
    var all = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  String text() {
    return pick(TEXTS);
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
