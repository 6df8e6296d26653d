// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.Fallback;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.Rule;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.testkit.FakeModelServer;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Several Services behind one public name.
class RoutesTest {
  private static final String ASK = "{\"model\":\"chat\",\"messages\":[]}";

  private final GatewayFixture weir = new GatewayFixture();
  private final FakeModelServer own = weir.server().byDefault(answers("own"));
  private final FakeModelServer hosted = weir.server().byDefault(answers("hosted"));

  @AfterEach
  void stop() {
    weir.close();
  }

  private static FakeModelServer.Script answers(String text) {
    return json(
        200,
        "{\"choices\":[{\"message\":{\"content\":\"%s\"},\"finish_reason\":\"stop\"}]}"
            .formatted(text));
  }

  private static ServiceEntry service(String name, ReplicaEntry... replicas) {
    return new ServiceEntry(
        "default/" + name,
        "default",
        name,
        new Arm(name + "@1", List.of(replicas)),
        List.of(),
        LONG,
        100,
        3,
        true,
        "");
  }

  private ServiceEntry own() {
    return service("own", new ReplicaEntry("own-1-0", own.url(), "vllm", "chat"));
  }

  /// A provider that has a name of its own for the model and demands a key.
  private ServiceEntry hosted() {
    String credential = "env:" + GatewayFixture.VARIABLE;
    return service(
        "hosted",
        new ReplicaEntry("hosted-1-0", hosted.url(), "openai", "large", credential, "", ""));
  }

  private static RouteEntry route(List<Rule> rules, Fallback... fallbacks) {
    return new RouteEntry(
        "chat",
        "default",
        List.of(new Backend("default/own", 1)),
        "chat",
        rules,
        List.of(fallbacks));
  }

  @Test
  void an_alias_leads_where_its_route_leads_and_is_listed() throws Exception {
    weir.serve(List.of(route(List.of()), route(List.of()).as("gpt-4o-mini")), own());
    HttpResponse<String> answer = weir.chat(ASK.replace("chat", "gpt-4o-mini"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(own.take().body()).contains("\"model\":\"chat\"");
    assertThat(weir.get("/v1/models").body()).contains("\"id\":\"chat\"", "\"id\":\"gpt-4o-mini\"");
  }

  @Test
  void a_rule_sends_its_team_to_a_hosted_provider_with_the_providers_key_and_name()
      throws Exception {
    Rule search =
        new Rule(Map.of("x-team", "search"), List.of(), List.of(new Backend("default/hosted", 1)));
    weir.serve(List.of(route(List.of(search))), own(), hosted());
    assertThat(weir.chat(ASK).body()).contains("own");

    HttpResponse<String> answer = weir.chat(ASK, "X-Team", "search");

    assertThat(answer.body()).contains("hosted");
    assertThat(answer.headers().firstValue("x-weir-service")).contains("default/hosted");
    FakeModelServer.Received received = hosted.take();
    assertThat(received.headers())
        .containsEntry("authorization", "Bearer " + GatewayFixture.SECRET);
    assertThat(received.body()).contains("\"model\":\"large\"");
  }
}
