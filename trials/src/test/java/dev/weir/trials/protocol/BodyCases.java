// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/// Whole bodies that are no JSON, or JSON that two readers could read differently.
final class BodyCases {
  private static final int MANY = 10_000;

  private final Asking asking;
  private final List<ClientCase> all = new ArrayList<>();

  BodyCases(Asking asking) {
    this.asking = asking;
  }

  List<ClientCase> all() {
    notJson();
    twice();
    large();
    numbers();
    encodings();
    types();
    return all;
  }

  private void add(String name, String lines, byte[] body, Integer... statuses) {
    String framed = lines + "Content-Length: " + body.length + "\r\n";
    String sent = asking.post("any", framed, new String(body, ISO_8859_1));
    all.add(new ClientCase(name, sent, Set.of(statuses)));
  }

  private void add(String name, String body, Integer... statuses) {
    add(name, "", body.getBytes(ISO_8859_1), statuses);
  }

  /// The good body with one field more.
  private static String with(String field) {
    return "{\"model\":\"wild\"," + field + ",\"messages\":[]}";
  }

  private void notJson() {
    for (String body :
        List.of(
            "",
            " ",
            "[]",
            "null",
            "\"model\"",
            "{",
            "{\"model\":\"wild\"",
            "{\"model\":\"wild\"}}",
            "{\"model\":\"wild\"}{\"model\":\"wild\"}",
            "{'model':'wild'}",
            "{\"model\":\"wild\",}",
            "{\"model\":\"wild\"}//",
            "{\"model\":wild}",
            "{\"model\":NaN}",
            "{\"model\":[\"wild\"]}",
            "{\"model\":\"wi\nld\"}",
            "model=wild",
            "\u0000\u0000\u0000\u0000")) {
      add("body " + body.replaceAll("\\p{Cntrl}", "^"), body, 400);
    }
  }

  private void twice() {
    add("the model twice", "{\"model\":\"wild\",\"model\":\"other\"}", 400);
    add("the model twice, once escaped", "{\"model\":\"wild\",\"mod\\u0065l\":\"other\"}", 400);
    add("stream twice", with("\"stream\":true,\"stream\":false"), 400);
    add("max_tokens twice", with("\"max_tokens\":1,\"max_tokens\":2"), 400);
    add("an unknown field, duplicated", with("\"x\":1,\"x\":2"), 200);
    add("the model within another field", with("\"x\":{\"model\":\"other\"}"), 200);
  }

  private void large() {
    add("arrays 10,000 deep", with("\"x\":" + "[".repeat(MANY) + "]".repeat(MANY)), 400);
    add("arrays 10,000 deep without end", "{\"x\":" + "[".repeat(MANY), 400);
    add(
        "objects 10,000 deep",
        with("\"x\":" + "{\"a\":".repeat(MANY) + "1" + "}".repeat(MANY)),
        400);
    add("10,000 fields", with(many()), 200);
    add("a string of 10 MB", with("\"x\":\"" + "a".repeat(10_000_000) + "\""), 200);
    add("a model's name of 10 MB", "{\"model\":\"" + "a".repeat(10_000_000) + "\"}", 404);
    add("a field's name of a megabyte", with("\"" + "a".repeat(1_000_000) + "\":1"), 200, 400);
    add("10 MB of space", "{" + " ".repeat(10_000_000) + "\"model\":\"wild\"}", 200);
    add("10 MB of escapes", with("\"x\":\"" + "\\u0041".repeat(1_700_000) + "\""), 200);
  }

  private static String many() {
    var fields = new StringBuilder();
    for (int i = 0; i < MANY; i++) {
      fields.append(i == 0 ? "" : ",").append("\"f").append(i).append("\":").append(i);
    }
    return fields.toString();
  }

  private void numbers() {
    for (String number :
        List.of("1e400", "-1e400", "9".repeat(400), "-1", "0", "1.5", "1e9999999999", "-0")) {
      add("max_tokens " + number, with("\"max_tokens\":" + number), 200, 400);
      add("a field of " + number, with("\"seed\":" + number), 200, 400);
    }
    add("a number of 100,000 digits", with("\"seed\":" + "9".repeat(100_000)), 200, 400);
    add("max_tokens of 100,000 digits", with("\"max_tokens\":" + "9".repeat(100_000)), 400);
    add("n too large", with("\"n\":99999999999999999999"), 400);
    add("max_tokens no number", with("\"max_tokens\":{\"a\":[1]}"), 200, 400);
  }

  private void encodings() {
    add("bytes that are no UTF-8", with("\"x\":\"\u00c3(\""), 200, 400);
    add("bytes that are no UTF-8 in the model", "{\"model\":\"wi\u00ffld\"}", 400);
    add("UTF-8 that is longer than it need be", "{\"model\":\"\u00c0\u00b7ild\"}", 400, 404);
    add("half a pair in the model", "{\"model\":\"\\ud800\"}", 400, 404);
    add("half a pair elsewhere", with("\"x\":\"\\ud800\""), 200, 400);
    add("UTF-8 with a mark", "\u00ef\u00bb\u00bf" + Asking.BODY, 200, 400);
    for (Charset other : List.of(UTF_16BE, UTF_16LE, Charset.forName("UTF-32BE"))) {
      add("a body in " + other, "", Asking.BODY.getBytes(other), 400);
      add("a body in " + other + " with a mark", "", ("\ufeff" + Asking.BODY).getBytes(other), 400);
    }
    add("an escaped model", "{\"model\":\"\\u0077ild\"}", 200);
    add("a NUL in the model", "{\"model\":\"wild\\u0000\"}", 400, 404);
  }

  private void types() {
    add("a body in gzip", "Content-Encoding: gzip\r\n", zipped(), 400, 415);
    add("a body in gzip that is none", "Content-Encoding: gzip\r\n", body(), 200, 400, 415);
    add("a body in an unknown coding", "Content-Encoding: x\r\n", body(), 200, 400, 415);
    for (String type : List.of("text/plain", "", "application/xml", "a".repeat(1000), ";;;,,,")) {
      String sent = asking.good("any", "", Asking.BODY).replace("application/json", type);
      all.add(new ClientCase("a type of " + type, sent, Set.of(200, 400, 415)));
    }
    form("a form without a boundary", "multipart/form-data");
    form("a form with an empty boundary", "multipart/form-data; boundary=");
    form("a form that is none", "multipart/form-data; boundary=x");
    form("a form with a long boundary", "multipart/form-data; boundary=" + "x".repeat(5_000));
  }

  private void form(String name, String type) {
    String sent = asking.good("any", "", Asking.BODY).replace("application/json", type);
    all.add(ClientCase.of(name, sent, 400, 415));
  }

  private static byte[] body() {
    return Asking.BODY.getBytes(UTF_8);
  }

  private static byte[] zipped() {
    var out = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(out)) {
      zip.write(body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
