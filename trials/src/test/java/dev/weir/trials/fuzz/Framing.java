// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import java.util.random.RandomGenerator;

/// HTTP that no client library would send: two lengths, chunks of nonsense, heads without end,
/// request lines of another protocol. Where a second request hides in what one reader takes for the
/// body of the first, it is one that would write under a name of its own ([#SMUGGLED]).
final class Framing {
  /// The request id of what must never be carried out.
  static final String SMUGGLED = "smuggled";

  private final RandomGenerator random;
  private final String namespace;

  Framing(RandomGenerator random, String namespace) {
    this.random = random;
    this.namespace = namespace;
  }

  /// @param id of the request, for the audit log
  /// @param key an administrator's
  byte[] next(String id, String key) {
    String model =
        "{\"apiVersion\":\"weir.dev/v1\",\"kind\":\"Model\",\"metadata\":{\"name\":\"s\","
            + "\"namespace\":\""
            + namespace
            + "\"},\"spec\":{\"owner\":\"x\"}}";
    String head = "Host: weir\r\nx-request-id: " + id + "\r\nAuthorization: Bearer " + key + "\r\n";
    String hidden =
        "POST /api/v1/apply HTTP/1.1\r\n"
            + head.replace(id, SMUGGLED)
            + "Content-Length: "
            + model.length()
            + "\r\n\r\n"
            + model;
    String post = "POST /api/v1/apply HTTP/1.1\r\n" + head;
    String get = "GET /api/v1/whoami HTTP/1.1\r\n" + head;
    List<String> all =
        List.of(
            // Two readers, two ends of the body.
            post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
            post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + hidden,
            post + "Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + hidden,
            post + "Content-Length: 0, 44\r\n\r\n" + hidden,
            post + "Content-Length: +0\r\n\r\n" + hidden,
            post + "Content-Length: 0x10\r\n\r\n" + hidden,
            post + "Content-Length : 0\r\n\r\n" + hidden,
            post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
            post + "Transfer-Encoding: identity, chunked, identity\r\n\r\n0\r\n\r\n" + hidden,
            post + "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n" + hidden,
            // Lengths that cannot be.
            post + "Content-Length: -1\r\n\r\n",
            post + "Content-Length: 99999999999999999999\r\n\r\n{}",
            post + "Content-Length: 9223372036854775807\r\n\r\n{}",
            post + "Content-Length: 400\r\n\r\n{",
            post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
            post + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}",
            post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
            post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}",
            post + "Transfer-Encoding: chunked\r\n\r\n2;" + "x".repeat(20_000) + "\r\n{}",
            post + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "T: t\r\n".repeat(5_000) + "\r\n",
            post + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
            post + "Expect: a-miracle\r\nContent-Length: 2\r\n\r\n{}",
            post + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\u001f\u008b",
            // Heads.
            get + "A: " + "a".repeat(40_000) + "\r\n\r\n",
            get + "A: a\r\n".repeat(3_000) + "\r\n",
            get + "A" + "a".repeat(40_000) + ": a\r\n\r\n",
            get + "A: a\u0000b\r\n\r\n",
            get + "A: a\r\n folded\r\n\r\n",
            get + "no colon at all\r\n\r\n",
            get + ": nameless\r\n\r\n",
            get + "Host: other\r\n\r\n",
            get + "Authorization: Bearer other\r\n\r\n",
            get + "Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
            get + "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            get.replace("Host: weir\r\n", "") + "\r\n",
            get.replace("Host: weir", "Host: [::1") + "\r\n",
            get.replace("\r\n", "\n") + "\n",
            get.replace("\r\n", "\r") + "\r",
            // Request lines.
            "GET  /api/v1/whoami  HTTP/1.1\r\n" + head + "\r\n",
            "GET /api/v1/whoami\r\n",
            "GET /api/v1/whoami HTTP/1.0\r\n" + head + "\r\n",
            "GET /api/v1/whoami HTTP/9.9\r\n" + head + "\r\n",
            "GET /api/v1/whoami http/1.1\r\n" + head + "\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "CONNECT 127.0.0.1:9 HTTP/1.1\r\n" + head + "\r\n",
            "TRACE /api/v1/whoami HTTP/1.1\r\n" + head + "\r\n",
            "OPTIONS * HTTP/1.1\r\n" + head + "\r\n",
            "GET http://elsewhere.example/api/v1/whoami HTTP/1.1\r\n" + head + "\r\n",
            "GET file:///etc/passwd HTTP/1.1\r\n" + head + "\r\n",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
            "\r\n\r\n\r\n" + get + "\r\n",
            "\u0000\u0000\u0000\u0000",
            get.replace("/api/v1/whoami", path()) + "\r\n",
            get.replace("/api/v1/whoami", path()) + "\r\n",
            get.replace("GET /api/v1/whoami", "DELETE " + path()) + "\r\n");
    return all.get(random.nextInt(all.size())).getBytes(ISO_8859_1);
  }

  private String path() {
    String names = "/api/v1/namespaces/" + namespace + "/models/";
    List<String> all =
        List.of(
            names + "..%2f..%2f..%2fetc%2fpasswd",
            names + "../../../../etc/passwd",
            names + "%2e%2e/%2e%2e/x",
            names + "..;/x",
            names + "x;jsessionid=1",
            names + "x%00",
            names + "%c0%ae%c0%ae",
            names + "%ff%fe",
            names + "%",
            names + "%zz",
            names + "%u0041",
            names + "x%0d%0aSet-Cookie:%20a=b",
            names + "x\u00e9",
            names + "x y",
            names + "x#fragment",
            names + "x\\y",
            names + "x?limit=1?limit=2",
            names + "?" + "a=b&".repeat(2_000),
            names + "n".repeat(12_000),
            names.replace("/", "//") + "x",
            "/" + "a/".repeat(4_000),
            "/api/v1/../../internal/v1/snapshots",
            "/internal/v1/%2e%2e/%2e%2e/api/v1/whoami",
            "/api/v1/whoami/",
            "/API/V1/WHOAMI",
            "api/v1/whoami",
            "?",
            "/%2561pi/v1/whoami");
    return all.get(random.nextInt(all.size()));
  }
}
