// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.weir.control.outward.OutboundHttp;
import dev.weir.runtime.AddressRule;
import dev.weir.runtime.NameResolver;
import dev.weir.testkit.ManualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MessageSenderTest {
  private static final int OWN = 7071;

  private final ManualClock clock = new ManualClock();
  private final NameResolver names =
      host ->
          host.equals("inside.example")
              ? List.of(InetAddress.ofLiteral("169.254.169.254"))
              : NameResolver.SYSTEM.lookUp(host);
  private final MessageSender messageSender =
      new MessageSender(new OutboundHttp(new AddressRule(() -> Set.of(OWN), names)), clock);
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private final HttpServer server;
  private volatile int status = 200;
  private volatile Map<String, String> headers = Map.of();
  private volatile String body = "ok";

  MessageSenderTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void listen() {
    server.createContext(
        "/",
        exchange -> {
          heard.add(
              exchange.getRequestHeaders().getFirst("Content-Type")
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          headers.forEach(exchange.getResponseHeaders()::add);
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void close() {
    messageSender.close();
    server.stop(0);
  }

  private DeliveryResult post(String url) throws InterruptedException {
    return messageSender.send(
        new Message.Post(URI.create(url), "application/json", "{}", Map.of("x-test", "1")));
  }

  private DeliveryResult post() throws InterruptedException {
    return post("http://127.0.0.1:" + server.getAddress().getPort() + "/in");
  }

  @Test
  void what_is_taken_is_told_with_status_and_first_line() throws InterruptedException {
    body = "ok\nand more";
    assertThat(post()).isEqualTo(new DeliveryResult.Accepted("200 ok"));
    assertThat(heard).containsExactly("application/json {}");
    body = "x".repeat(100_000);
    assertThat(post().response()).hasSizeLessThan(250);
  }

  @Test
  void what_may_change_is_tried_later_and_the_rest_is_refused() throws InterruptedException {
    status = 503;
    assertThat(post()).isEqualTo(new DeliveryResult.Deferred("503 ok", Optional.empty()));
    headers = Map.of("Retry-After", "17");
    status = 429;
    assertThat(post())
        .isEqualTo(new DeliveryResult.Deferred("429 ok", Optional.of(Duration.ofSeconds(17))));
    headers = Map.of();
    for (int refused : new int[] {400, 401, 404, 410}) {
      status = refused;
      assertThat(post()).isInstanceOf(DeliveryResult.Rejected.class);
    }
  }

  @Test
  void a_refused_connection_names_the_address_and_no_java_class() throws InterruptedException {
    int port = server.getAddress().getPort();
    server.stop(0);
    assertThat(post("http://127.0.0.1:" + port + "/secret-path"))
        .isEqualTo(
            new DeliveryResult.Deferred("cannot connect to 127.0.0.1:" + port, Optional.empty()));
  }

  @Test
  void nobody_is_led_elsewhere() throws InterruptedException {
    status = 302;
    headers = Map.of("Location", "http://169.254.169.254/");
    assertThat(post()).isInstanceOf(DeliveryResult.Rejected.class);
    assertThat(heard).hasSize(1);
  }

  @Test
  void where_nobody_may_be_sent_nothing_goes() throws InterruptedException {
    assertThat(post("http://inside.example/"))
        .isInstanceOf(DeliveryResult.Rejected.class)
        .extracting(DeliveryResult::response)
        .asString()
        .contains("link-local");
    assertThat(post("http://127.0.0.1:" + OWN + "/"))
        .isEqualTo(
            new DeliveryResult.Rejected("not called: 127.0.0.1 points to Weir's own port " + OWN));
    assertThat(post("file:///etc/passwd")).isInstanceOf(DeliveryResult.Rejected.class);
  }

  @Test
  void who_does_not_listen_may_do_so_later() throws InterruptedException {
    int port = server.getAddress().getPort();
    server.stop(0);
    assertThat(post("http://127.0.0.1:" + port + "/")).isInstanceOf(DeliveryResult.Deferred.class);
    assertThat(post("http://nobody.invalid/"))
        .isEqualTo(
            new DeliveryResult.Deferred("nobody.invalid cannot be looked up", Optional.empty()));
  }

  @Test
  void a_wait_is_seconds_or_a_date_and_has_an_end() {
    assertThat(ResponseClassifier.wait("90", clock.instant())).contains(Duration.ofSeconds(90));
    assertThat(ResponseClassifier.wait("999999", clock.instant())).contains(Duration.ofHours(1));
    assertThat(ResponseClassifier.wait("Thu, 01 Jan 1970 00:00:30 GMT", Instant.EPOCH))
        .contains(Duration.ofSeconds(30));
    assertThat(ResponseClassifier.wait("soon", clock.instant())).isEmpty();
  }
}
