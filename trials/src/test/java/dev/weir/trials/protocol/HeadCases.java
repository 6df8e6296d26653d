// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import java.util.ArrayList;
import java.util.List;

/// Request lines and headers that no client library would send.
final class HeadCases {
  private final Asking asking;
  private final String good;
  private final List<ClientCase> all = new ArrayList<>();

  HeadCases(Asking asking) {
    this.asking = asking;
    this.good = asking.canary("any");
  }

  List<ClientCase> all() {
    requestLines();
    targets();
    headers();
    sizes();
    return all;
  }

  private void add(String name, String sent, Integer... statuses) {
    all.add(ClientCase.of(name, sent, statuses));
  }

  /// The good request with something in its place replaced, and a second one behind it.
  private void refused(String name, String part, String by, Integer... statuses) {
    String sent = good.replace(part, by);
    if (sent.equals(good)) {
      throw new IllegalArgumentException("nothing is changed by " + name);
    }
    add(name, sent + asking.hidden(), statuses.length == 0 ? new Integer[] {400} : statuses);
  }

  private void line(String name, String by, Integer... statuses) {
    refused(name, "POST /v1/chat/completions HTTP/1.1", by, statuses);
  }

  /// Understood, and answered with a refusal; the connection goes on.
  private void declined(String name, String by, Integer... statuses) {
    add(name, good.replace("POST /v1/chat/completions HTTP/1.1", by), statuses);
  }

  private void requestLines() {
    line("two spaces in the request line", "POST  /v1/chat/completions  HTTP/1.1");
    line("tabs in the request line", "POST\t/v1/chat/completions\tHTTP/1.1");
    declined("a space before the request line", " POST /v1/chat/completions HTTP/1.1", 200, 400);
    line("a version in small letters", "POST /v1/chat/completions http/1.1");
    line("HTTP/0.9", "POST /v1/chat/completions", 400, 505);
    line("HTTP/1.2", "POST /v1/chat/completions HTTP/1.2", 400, 505);
    line("HTTP/2.0", "POST /v1/chat/completions HTTP/2.0", 400, 505);
    line("HTTP/9.9", "POST /v1/chat/completions HTTP/9.9", 400, 505);
    line("a version of two digits", "POST /v1/chat/completions HTTP/1.11", 400, 505);
    line("a version with a sign", "POST /v1/chat/completions HTTP/+1.1", 400, 505);
    line("no method", "/v1/chat/completions HTTP/1.1");
    line("a method with a NUL", "PO\u0000ST /v1/chat/completions HTTP/1.1");
    declined("a method in small letters", "post /v1/chat/completions HTTP/1.1", 400, 405, 501);
    line("a method with a colon", "PO:ST /v1/chat/completions HTTP/1.1");
    add("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000", 400, 505);
    add("a TLS hello", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\r\n\r\n", 400);
    add("an SSH greeting", "SSH-2.0-OpenSSH_9.9\r\n\r\n", 400);
    add("a proxy's greeting", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n" + good, 400);
    add("only NULs", "\u0000".repeat(64) + "\r\n\r\n", 400);
    add("empty lines first", "\r\n\r\n" + good, 200);
    add("HTTP/1.0", good.replace("HTTP/1.1", "HTTP/1.0"), 200);
    add(
        "HTTP/1.0 that is kept",
        good.replace("HTTP/1.1", "HTTP/1.0").replace("Host:", "Connection: keep-alive\r\nHost:"),
        200);
    add("OPTIONS of everything", "OPTIONS * HTTP/1.1\r\nHost: weir\r\n\r\n", 200, 204, 404);
    add("CONNECT", "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n", 400, 404, 405);
    declined("TRACE", "TRACE /v1/chat/completions HTTP/1.1", 400, 405);
  }

  private void target(String name, String target, Integer... statuses) {
    refused(name, "/v1/chat/completions", target, statuses);
  }

  private void targets() {
    add("a whole URL", good.replace("/v1/", "http://elsewhere.example/v1/"), 200);
    add("a query", good.replace("completions ", "completions?a=b%20c&%0d%0a "), 200);
    target("a whole URL of files", "file:///v1/chat/completions");
    target("a whole URL of ftp", "ftp://weir/v1/chat/completions");
    target("a URL in a target without a path", "x?y=http://weir/v1/chat/completions");
    target("a target without a slash", "v1/chat/completions");
    target("a target with a NUL", "/v1/chat/completions\u0000");
    target("a target with a bare CR", "/v1/chat/completions?a\rb");
    target("a query with a bare CR and a header", "/v1/chat/completions?a\rX-Weir-Nonce:b");
    target("a target with a tab", "/v1/chat/completions?a\tb");
    target("a target with a form feed", "/v1/chat/completions?a\fb");
    target("a target with a space", "/v1/chat/completions?a b");
    target("a target with a DEL", "/v1/chat/completions?a\u007fb");
    target("a target with a fragment", "/v1/chat/completions#f");
    add("a path that climbs", "GET /v1/../metrics HTTP/1.1\r\nHost: weir\r\n\r\n", 400, 404);
    add(
        "a path that climbs in disguise",
        "GET /v1/models/..%2f..%2fmetrics HTTP/1.1\r\n" + asking.lines("any") + "\r\n",
        404);
    add(
        "a path of broken escapes",
        "GET /v1/models/%zz%00%c0%ae HTTP/1.1\r\n" + asking.lines("any") + "\r\n",
        404);
    add(
        "an engine's own path",
        "POST /sleep HTTP/1.1\r\n" + asking.lines("any") + "Content-Length: 0\r\n\r\n",
        404);
  }

  private void header(String name, String line, Integer... statuses) {
    refused(name, "Content-Type:", line + "\r\nContent-Type:", statuses);
  }

  private void headers() {
    header("a NUL in a header", "A: a\u0000b");
    header("a bare CR in a header", "A: a\rb");
    header("a bare CR before a header's end", "A: a\r");
    header("a space in a header's name", "A b: c");
    header("a space before the colon", "A : c");
    header("no colon", "nothing at all");
    header("no name", ": nameless");
    header("a name in umlauts", "\u00e4: b");
    header("a name with a NUL", "A\u0000: b");
    header("a name in brackets", "A(b): c");
    header("a name with a slash", "A/b: c");
    header("a second host", "Host: other");
    refused("no host", "Host: weir\r\n", "");
    refused("a folded first header", "Host: weir\r\n", " folded\r\nHost: weir\r\n");
    add("a folded header", good.replace("Content-Type:", "A: a\r\n folded\r\nContent-Type:"), 400);
    add("lines that end in LF", good.replace("\r\n", "\n"), 200, 400);
    add("an upgrade to h2c", upgrade("h2c\r\nHTTP2-Settings: AAMAAABk"), 200);
    add("an upgrade to websocket", upgrade("websocket"), 200);
    add(
        "headers that belong to one hop, framing among them",
        good.replace(
            "Content-Type:",
            "Connection: content-length, host, authorization, x-nonce-not\r\n"
                + "Keep-Alive: timeout=1\r\nTE: gzip, trailers;q=0.5\r\nContent-Type:"),
        200);
  }

  private String upgrade(String to) {
    return good.replace(
        "Content-Type:", "Connection: upgrade\r\nUpgrade: " + to + "\r\nContent-Type:");
  }

  private void sizes() {
    target("a target of 9,000 bytes", "/v1/chat/completions?" + "a".repeat(9_000), 414);
    target("a target of a mebibyte", "/" + "a".repeat(1024 * 1024), 414);
    header("a header of 70,000 bytes", "A: " + "a".repeat(70_000), 431);
    header("a header's name of 70,000 bytes", "A".repeat(70_000) + ": a", 400, 431);
    header("a header of 8 MiB", "A: " + "a".repeat(8 * 1024 * 1024), 431);
    header("20,000 headers", "A: a\r\n".repeat(20_000) + "B: b", 431);
    add(
        "10,000 small headers",
        good.replace("Content-Type:", "A:\r\n".repeat(10_000) + "Content-Type:"),
        200,
        431);
    add("a method of 9,000 bytes", "P".repeat(9_000) + " / HTTP/1.1\r\n\r\n", 400, 414);
    add("a body of 33 MiB declared", asking.post("any", "Content-Length: 34603008\r\n", "{"), 413);
  }
}
