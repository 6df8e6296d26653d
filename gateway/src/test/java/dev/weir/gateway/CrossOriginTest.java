// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.listener.ListenerLimits;
import dev.weir.testkit.FakeModelServer;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The headers by which browsers allow pages of other origins to read answers.
class CrossOriginTest {
  private static final String BODY = "{\"model\":\"chat\"}";
  private static final String ALLOWED = "Origin: https://app.example\r\n";

  private GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    weir.close();
  }

  private void allow(String... origins) {
    weir.close();
    weir = new GatewayFixture(ListenerLimits.DEFAULT, Set.of(origins));
    FakeModelServer engine =
        weir.server()
            .byDefault((_, wire) -> {
              wire.raw(
                  "HTTP/1.1 200 OK\r\naccess-control-allow-origin: https://engine.example\r\n"
                      + "access-control-allow-credentials: true\r\ncontent-length: "
                      + FakeModelServer.ANSWER.length()
                      + "\r\n\r\n"
                      + FakeModelServer.ANSWER);
              return true;
            });
    weir.serve(engine);
  }

  private String preflight(String headers) throws Exception {
    return weir.raw(
        "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + headers
            + "Access-Control-Request-Method: POST\r\n"
            + "Access-Control-Request-Headers: authorization,content-type,x-stainless-os\r\n\r\n");
  }

  private String chat(String headers) throws Exception {
    return weir.raw(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + "Authorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: "
            + BODY.length()
            + "\r\n"
            + headers
            + "\r\n"
            + BODY);
  }

  @Test
  void without_the_setting_no_page_is_allowed() throws Exception {
    allow();

    assertThat(preflight(ALLOWED))
        .startsWith("HTTP/1.1 204 ")
        .contains("allow: POST, OPTIONS")
        .doesNotContainIgnoringCase("access-control");
    assertThat(chat(ALLOWED))
        .startsWith("HTTP/1.1 200 ")
        .doesNotContainIgnoringCase("access-control");
  }

  @Test
  void an_allowed_page_may_send_requests_and_read_answers_without_credentials() throws Exception {
    allow("https://app.example", "http://localhost:3000");

    assertThat(preflight(ALLOWED))
        .startsWith("HTTP/1.1 204 ")
        .contains("access-control-allow-origin: https://app.example\r\n")
        .contains("access-control-allow-methods: GET, POST\r\n")
        .contains("access-control-allow-headers: authorization,content-type,x-stainless-os\r\n")
        .contains("vary: origin\r\n")
        .doesNotContain("credentials");
    assertThat(chat(ALLOWED))
        .startsWith("HTTP/1.1 200 ")
        .contains("access-control-allow-origin: https://app.example\r\n")
        .contains("access-control-expose-headers: x-request-id")
        .doesNotContain("engine.example", "credentials", "allow-methods");
  }

  @ParameterizedTest
  @CsvSource({
    "https://other.example",
    "https://app.example.evil.example",
    "http://app.example",
    "https://app.example:8443",
    "null"
  })
  void for_another_page_the_answer_has_no_header_so_that_the_browser_withholds_it(String origin)
      throws Exception {
    allow("https://app.example");

    assertThat(preflight("Origin: " + origin + "\r\n") + chat("Origin: " + origin + "\r\n"))
        .contains("vary: origin\r\n")
        .doesNotContain("access-control");
  }

  @Test
  void an_allowed_page_can_read_a_refusal_too() throws Exception {
    allow("https://app.example");

    assertThat(
            weir.raw(
                "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + ALLOWED + "\r\n"))
        .startsWith("HTTP/1.1 404 ")
        .contains("access-control-allow-origin: https://app.example\r\n");
  }

  @Test
  void a_star_allows_every_page_but_never_credentials() throws Exception {
    allow("*");

    assertThat(preflight("Origin: https://any.example\r\n") + chat("Origin: null\r\n"))
        .contains("access-control-allow-origin: *\r\n")
        .doesNotContain("any.example", "credentials");
    assertThat(chat("")).doesNotContain("access-control-allow-origin");
  }

  @Test
  void answers_over_one_connection_match_the_origin_of_each_request() throws Exception {
    allow("https://app.example");
    String health = "GET /health HTTP/1.1\r\nHost: x\r\n";

    String answers =
        weir.raw(
            health
                + ALLOWED
                + "\r\n"
                + health
                + "\r\n"
                + health
                + "Connection: close\r\n"
                + ALLOWED
                + "\r\n");

    assertThat(answers.split("HTTP/1.1 200", -1))
        .satisfiesExactly(
            nothing -> assertThat(nothing).isEmpty(),
            first -> assertThat(first).contains("allow-origin"),
            second -> assertThat(second).doesNotContain("allow-origin"),
            third -> assertThat(third).contains("allow-origin"));
  }
}
