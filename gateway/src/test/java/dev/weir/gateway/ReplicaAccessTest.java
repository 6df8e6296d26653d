// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.testkit.FakeModelServer;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The keys that replicas receive and the addresses that the gateway never calls.
class ReplicaAccessTest {
  private static final String ASK =
      """
      {"model": "chat", "messages": [{"role": "user", "content": "hi"}]}
      """;
  private static final String ANSWER =
      """
      {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
      """;

  private final GatewayFixture weir = new GatewayFixture();

  @TempDir Path folder;

  @AfterEach
  void end() {
    weir.close();
  }

  private static ReplicaEntry replica(String name, String url, String credential) {
    return new ReplicaEntry(name, url, "vllm", "chat", credential, "", "");
  }

  private void serve(ReplicaEntry... replicas) {
    weir.serve(service(new Arm("chat@1", List.of(replicas)), List.of(), LONG));
  }

  @Test
  void a_replica_receives_its_own_key_and_never_the_callers() throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    serve(replica("a", server.url(), "env:" + GatewayFixture.VARIABLE));
    for (int i = 0; i < 3; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
      assertThat(server.take().headers())
          .containsEntry("authorization", "Bearer " + GatewayFixture.SECRET);
    }
    assertThat(server.accepts()).as("connections are reused").isEqualTo(1);
  }

  @Test
  void a_key_can_come_from_a_file() throws Exception {
    Path key = Files.writeString(folder.resolve("key"), "from-a-file\n");
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    serve(replica("a", server.url(), "file:" + key));
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    assertThat(server.take().headers()).containsEntry("authorization", "Bearer from-a-file");
  }

  @Test
  void a_replica_whose_key_is_missing_is_skipped() throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    FakeModelServer closed = weir.server().byDefault(json(200, ANSWER));
    serve(
        replica("a", closed.url(), "env:NO_SUCH_VARIABLE"),
        replica("b", server.url(), "env:" + GatewayFixture.VARIABLE));
    for (int i = 0; i < 10; i++) {
      HttpResponse<String> answer = weir.chat(ASK);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("x-weir-replica")).contains("b");
    }
    assertThat(closed.accepts()).isZero();
  }

  @Test
  void when_no_replica_has_its_key_the_error_names_the_problem_without_the_key() throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    serve(replica("a", server.url(), "file:" + folder.resolve("absent")));
    HttpResponse<String> answer = weir.chat(ASK);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).doesNotContain(folder.toString());
    assertThat(server.accepts()).isZero();
  }

  @Test
  void metadata_and_weir_itself_are_never_called() throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    String other = "http://127.0.0.1:" + GatewayFixture.OTHER_PORT;
    for (String url :
        List.of(
            "http://169.254.169.254",
            "http://[fe80::1]:80",
            "http://127.0.0.1:" + weir.gateway.port(),
            other)) {
      serve(replica("a", url, ""), replica("b", server.url(), ""));
      for (int i = 0; i < 4; i++) {
        HttpResponse<String> answer = weir.chat(ASK);
        assertThat(answer.statusCode()).as(url).isEqualTo(200);
        assertThat(answer.headers().firstValue("x-weir-replica")).contains("b");
      }
    }
  }
}
