// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.api.ApiHarness.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever comes in: an answer of the 4xx sort, nothing written, and the server goes on.
class HostileInputTest {
  private static final List<String> WRITERS =
      List.of("/api/v1/apply", "/api/v1/plan", "/api/v1/namespaces/default/apikeys/x/issue");

  @TempDir Path folder;
  private ApiHarness api;
  private long revision;

  @BeforeEach
  void start() {
    api = new ApiHarness(folder);
    revision = api.store.revision();
  }

  @AfterEach
  void stop() {
    assertThat(api.store.revision()).isEqualTo(revision);
    assertThat(api.get("/api/v1/whoami").status()).isEqualTo(200);
    api.close();
  }

  @Test
  void random_bytes_are_refused() {
    var random = new Random(7);
    for (int i = 0; i < 60; i++) {
      byte[] bytes = new byte[random.nextInt(1, 400)];
      random.nextBytes(bytes);
      for (String path : WRITERS) {
        requireRefused(api.call("POST", path, api.adminKey, bytes));
      }
    }
  }

  @Test
  void damaged_manifests_are_refused() {
    var random = new Random(11);
    byte[] good = SampleManifests.chat().replace("chat@1", "chat@9").getBytes(ISO_8859_1);
    for (int i = 0; i < 60; i++) {
      byte[] bad = good.clone();
      for (int hit = 0; hit < 5; hit++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      requireRefused(api.call("POST", "/api/v1/apply", api.adminKey, bad));
    }
  }

  @Test
  void depth_aliases_and_size_are_bounded() {
    String bomb =
        """
        a: &a [x, x, x, x, x, x, x, x, x]
        b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
        c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
        d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
        e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]
        f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e]
        g: [*f, *f, *f, *f, *f, *f, *f, *f, *f]
        """;
    for (String path : WRITERS) {
      requireRefused(api.post(path, "[".repeat(100_000)));
      requireRefused(api.post(path, "{\"a\":".repeat(100_000)));
      requireRefused(api.post(path, bomb));
      Reply huge = api.post(path, "#".repeat(5 * 1024 * 1024));
      assertThat(huge.status()).isEqualTo(413);
      assertThat(huge.problem()).isEqualTo("too-large");
    }
  }

  @Test
  void a_refused_batch_of_telemetry_names_no_class_of_ours() {
    for (String body :
        List.of("{\"slices\": [{\"ttft\": {\"x\": 1}}]}", "{\"batch\": []}", "[1]")) {
      Reply reply = api.call("POST", "/internal/v1/telemetry", api.gatewayKey, body);
      requireRefused(reply);
      assertThat(reply.text())
          .doesNotContain("java.")
          .doesNotContain("dev.weir")
          .doesNotContain("Exception");
    }
  }

  @Test
  void odd_paths_queries_and_headers_are_refused() {
    for (String path :
        List.of(
            "/api/v1/namespaces/%00/services/x",
            "/api/v1/namespaces/default/services/%ff%fe",
            "/api/v1/namespaces//services/x",
            "/api/v1/namespaces/default/services/..%2f..%2fetc",
            "/api/v1/namespaces/default/services/" + "x".repeat(4_000),
            "/api/v1/audit?after=x",
            "/api/v1/audit?limit=99999999999999999999",
            "/api/v1/audit?after=1&after=2",
            "/api/v1/whoami?x=%zz")) {
      assertThat(rawGet(path)).as(path).isBetween(400, 499);
    }
    Reply reason =
        api.post(
            "/api/v1/apply?reason=" + "r".repeat(2_000), SampleManifests.model("default", "x"));
    assertThat(reason.status()).isEqualTo(400);
    Reply key =
        api.post(
            "/api/v1/apply",
            SampleManifests.model("default", "x"),
            "Idempotency-Key",
            "k".repeat(300));
    assertThat(key.status()).isEqualTo(400);
    assertThat(api.call("GET", "/api/v1/whoami", "k".repeat(5_000), "").status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/whoami;x=1",
        "/api;x=1/v1/whoami",
        "/api/v1/whoami;",
        "/api/v1/;x/whoami",
        "/api/v1/whoami%3bx=1",
        "/api/v1/whoami%3Bx=1",
        "/api/v1/namespaces/default/models/chat;x=1",
        "/api/v1/namespaces/default/models/chat%3bx=1",
        "/api//v1/whoami",
        "//api/v1/whoami",
        "/api/v1/whoami//",
        "/api/./v1/whoami",
        "/api/v1/x/../whoami",
        "/api/v1/x/%2e%2e/whoami",
        "/api/v1/x/.%2E/whoami",
        "/api/%2e/v1/whoami",
        "/../api/v1/whoami",
        "/api/v1/x/..;/whoami",
        "/api/v1/x/..;a=b/whoami",
        "/api/v1\\whoami",
        "/api/v1%5cwhoami",
        "/health;x=1",
        "/ready/../health"
      })
  void a_path_that_could_be_read_in_two_ways_is_refused(String path) throws Exception {
    String answer =
        raw(
            "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
                .formatted(path, api.adminKey));

    assertThat(answer).startsWith("HTTP/1.1 400 ").contains("https://weir.dev/problems/malformed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "audit?limit=-1|limit must be a whole number from 1 to 1000, not -1",
        "audit?limit=0|limit must be a whole number from 1 to 1000, not 0",
        "audit?limit=1001|limit must be a whole number from 1 to 1000, not 1001",
        "audit?limit=x|limit must be a whole number from 1 to 1000, not x",
        "audit?limit=99999999999999999999|from 1 to 1000, not 99999999999999999999",
        "audit?after=-1|after must be a whole number of 0 or more, not -1",
        "targets?limit=-1|limit must be a whole number from 1 to 1000, not -1",
        "audit?limit=1&limit=2|limit appears 2 times; send it once",
        "audit?limits=1|unknown query parameter limits; this path takes after, limit",
        "whoami?x=1|unknown query parameter x; this path takes none",
        "alerts?dead=yes|dead must be true or false, not yes",
        "watch?kinds=Modelz|kinds must be names of kinds, separated by commas",
        "namespaces/default/replicas/x/logs?tail=-1|tail must be a whole number from 0 to 10000,"
            + " not -1"
      })
  void a_query_parameter_is_refused_by_its_own_rule(String call, String message) {
    Reply reply = api.get("/api/v1/" + call);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.text()).contains(message);
  }

  @Test
  void what_the_http_server_refuses_is_a_problem_too() throws Exception {
    String answer = raw("GARBAGE\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
    assertThat(answer).contains("https://weir.dev/problems/malformed");
    assertThat(raw("GET / HTTP/1.1\r\nHost: x\r\nA: " + "a".repeat(40_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431")
        .contains("application/problem+json");
    assertThat(raw("GET / HTTP/9.9\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("https://weir.dev/problems/malformed");
    assertThat(
            raw("DELETE /api/v1/targets/..%2fx HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("https://weir.dev/problems/malformed");
  }

  @Test
  void a_body_that_is_framed_wrongly_is_refused() throws Exception {
    String head =
        "POST /api/v1/apply HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
            + api.adminKey
            + "\r\n";
    assertThat(raw(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("application/problem+json");
    assertThat(raw(head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
        .startsWith("HTTP/1.1 4");
  }

  /// Sends a path as it stands, which a well-meaning client would not.
  private int rawGet(String path) {
    try {
      String answer =
          raw(
              "GET "
                  + path
                  + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                  + api.adminKey
                  + "\r\n\r\n");
      return Integer.parseInt(answer.substring(9, 12));
    } catch (IOException e) {
      throw new IllegalStateException(path, e);
    }
  }

  private String raw(String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private static void requireRefused(Reply reply) {
    assertThat(reply.status()).as(reply.text()).isBetween(400, 499);
    assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
  }
}
