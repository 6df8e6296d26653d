// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static dev.weir.testkit.FakeModelServer.Script.silence;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Replicas behind TLS: which certificates are trusted, and that other servers receive no request.
@Timeout(60)
class ReplicaTlsTest {
  private static final String NAME = "engine.test";
  private static final String ASK =
      """
      {"model": "chat", "messages": [{"role": "user", "content": "hi"}]}
      """;
  private static final String ANSWER =
      """
      {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
      """;
  private static final String CREDENTIAL = "env:" + GatewayFixture.VARIABLE;

  @TempDir static Path folder;
  private static TestAuthority authority;
  private static TestAuthority stranger;

  private final GatewayFixture weir = new GatewayFixture();
  private final List<FakeModelServer> servers = new ArrayList<>();

  @BeforeAll
  static void found() throws IOException {
    authority = TestAuthority.in(Files.createDirectory(folder.resolve("authority")));
    stranger = TestAuthority.in(Files.createDirectory(folder.resolve("stranger")));
  }

  @AfterEach
  void end() {
    weir.close();
    servers.forEach(FakeModelServer::close);
  }

  private FakeModelServer server(TestAuthority by, int days, String... hosts) {
    FakeModelServer server =
        FakeModelServer.start(by.server(by.issue(days, hosts))).byDefault(json(200, ANSWER));
    servers.add(server);
    return server;
  }

  private void serve(String url, Path caFile, String serverName) {
    serve(url, caFile, serverName, LONG);
  }

  private void serve(String url, Path caFile, String serverName, Timeouts timeouts) {
    ReplicaEntry replica =
        new ReplicaEntry(
            "chat-1-0", url, "vllm", "chat", CREDENTIAL, caFile.toString(), serverName);
    weir.serve(service(new Arm("chat@1", List.of(replica)), List.of(), timeouts));
  }

  /// The error names the replica and the reason, and nothing reached the server.
  private void refused(FakeModelServer server, String why) throws Exception {
    HttpResponse<String> answer = weir.chat(ASK);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
    assertThat(answer.body())
        .contains("chat-1-0: refused a connection")
        .contains("a replica could not be reached: " + why);
    assertThat(answer.body()).doesNotContain("127.0.0.1").doesNotContain(GatewayFixture.SECRET);
    assertThat(server.accepts()).isPositive();
    assertThat(server.drainReceived()).isEmpty();
  }

  @Test
  void a_replica_is_reached_with_its_authority_its_name_and_its_key() throws Exception {
    FakeModelServer server = server(authority, 30, NAME);
    serve(server.url(), authority.certificate(), NAME);
    for (int i = 0; i < 3; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
      assertThat(server.take().headers())
          .containsEntry("authorization", "Bearer " + GatewayFixture.SECRET)
          .hasEntrySatisfying("host", host -> assertThat(host).startsWith(NAME + ":"));
    }
    assertThat(server.accepts()).as("connections are reused").isEqualTo(1);
  }

  @Test
  void without_a_server_name_the_host_name_is_checked() throws Exception {
    FakeModelServer server = server(authority, 30, "localhost", "127.0.0.1");
    serve(server.url(), authority.certificate(), "");
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    serve(server.url().replace("127.0.0.1", "localhost"), authority.certificate(), "");
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
  }

  @Test
  void a_certificate_with_another_name_is_refused_even_if_it_has_the_address() throws Exception {
    FakeModelServer server = server(authority, 30, "other.test", "127.0.0.1");
    serve(server.url(), authority.certificate(), NAME);
    refused(server, "its certificate is for another host name");
  }

  @Test
  void a_certificate_of_an_unknown_authority_is_refused() throws Exception {
    FakeModelServer server = server(stranger, 30, NAME);
    serve(server.url(), authority.certificate(), NAME);
    refused(server, "its certificate is not trusted");
  }

  @Test
  void a_certificate_that_has_expired_is_refused() throws Exception {
    FakeModelServer server = server(authority, -1, NAME);
    serve(server.url(), authority.certificate(), NAME);
    refused(server, "its certificate is not valid now");
  }

  @Test
  void a_server_without_tls_receives_no_request() throws Exception {
    FakeModelServer server = weir.server();
    serve(server.url().replace("http:", "https:"), authority.certificate(), NAME);
    HttpResponse<String> answer = weir.chat(ASK);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
    assertThat(answer.body()).contains("TLS");
    assertThat(server.drainReceived()).isEmpty();
  }

  @Test
  void a_stalled_handshake_is_a_failed_connection() throws Exception {
    try (ServerSocket deaf = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      serve(
          "https://127.0.0.1:" + deaf.getLocalPort(),
          authority.certificate(),
          NAME,
          new Timeouts(200, 20_000, 20_000, 40_000));
      HttpResponse<String> answer = weir.chat(ASK);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
      assertThat(answer.body()).contains("did not accept a connection in time");
    }
  }

  @Test
  void a_replica_that_computes_for_long_is_probed_over_tls_too() throws Exception {
    FakeModelServer server = server(authority, 30, NAME).then(silence());
    serve(server.url(), authority.certificate(), NAME, new Timeouts(5_000, 1_000, 1_000, 3_000));
    assertThat(weir.chat(ASK).statusCode()).isGreaterThanOrEqualTo(500);
    server.take();
    assertThat(server.take().target()).isEqualTo("/health");
  }

  @Test
  void a_new_authority_in_the_file_takes_effect_without_a_restart() throws Exception {
    Path trusted = folder.resolve("trusted.crt");
    Files.copy(stranger.certificate(), trusted, StandardCopyOption.REPLACE_EXISTING);
    FakeModelServer server = server(authority, 30, NAME);
    serve(server.url(), trusted, NAME);
    refused(server, "its certificate is not trusted");
    Files.copy(authority.certificate(), trusted, StandardCopyOption.REPLACE_EXISTING);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    int status = 0;
    while (status != 200 && System.nanoTime() - until < 0) {
      status = weir.chat(ASK).statusCode();
    }
    assertThat(status).isEqualTo(200);
  }
}
