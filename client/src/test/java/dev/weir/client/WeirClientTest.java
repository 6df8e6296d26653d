// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static dev.weir.client.FakeControl.broken;
import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.codec.Manifests;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.SettingView;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WeirClientTest {
  private static final String APPLIED =
      """
      {"results":[{"kind":"Model","namespace":"default","name":"a","effect":"created","revision":3}],
       "revision":3,"dryRun":false,"added":"later"}
      """;

  private final FakeControl control = new FakeControl();
  private final WeirClient client = control.client();

  @AfterEach
  void close() {
    client.close();
    control.close();
  }

  @Test
  void apply_sends_the_text_with_its_type_reason_and_key() {
    control.on("POST /api/v1/apply", json(APPLIED));
    ApplyResponse answer = client.apply("kind: Model\n", false, "büro & more");
    assertThat(answer.results().getFirst().effect()).isEqualTo("created");
    assertThat(control.last().query()).isEqualTo("reason=b%C3%BCro%20%26%20more");
    assertThat(control.last().header("content-type")).isEqualTo("application/yaml");
    assertThat(control.last().header("authorization")).isEqualTo("Bearer weir_test");
    client.apply("{\"kind\":\"Model\"}", true, "");
    assertThat(control.last().query()).isEqualTo("dryRun=true");
    assertThat(control.last().header("content-type")).isEqualTo("application/json");
  }

  @Test
  void a_post_whose_answer_was_lost_is_retried_with_the_same_idempotency_key() {
    control.on("POST /api/v1/apply", broken(), json(APPLIED));
    assertThat(client.apply("kind: Model\n", false, "").revision()).isEqualTo(3);
    List<String> keys =
        control.requests().stream().map(r -> r.header("idempotency-key")).distinct().toList();
    assertThat(keys).hasSize(1).doesNotContain("");
    assertThat(control.requests()).hasSizeGreaterThan(1);
  }

  @Test
  void a_list_is_read_to_its_last_page() {
    String one = Manifests.toJson(Resources.model("a"));
    String two = Manifests.toJson(Resources.model("b"));
    control.on(
        "GET /api/v1/namespaces/default/models",
        json("{\"items\":[" + one + "],\"revision\":7,\"continue\":\"x.1\"}"),
        json("{\"items\":[" + two + "],\"revision\":7}"));
    assertThat(client.list(Kind.MODEL, "default"))
        .isEqualTo(new Listing(List.of(Resources.model("a"), Resources.model("b")), 7));
    assertThat(control.last().query()).isEqualTo("continue=x.1");
  }

  @Test
  void global_kinds_have_no_namespace_in_their_path() {
    control.on("GET /api/v1/targets/local", json(Manifests.toJson(Resources.target("local"))));
    assertThat(client.get(ResourceRef.of(Kind.TARGET, "ignored", "local")))
        .isEqualTo(Resources.target("local"));
    assertThat(client.find(ResourceRef.of(Kind.TARGET, "", "other"))).isEmpty();
  }

  @Test
  void the_settings_of_the_control_plane_name_their_sources() {
    control.on(
        "GET /api/v1/configuration",
        json(
            "{\"items\":[{\"key\":\"logLevel\",\"value\":\"debug\",\"origin\":\"flag\","
                + "\"meaning\":\"how much\"}]}"));
    assertThat(client.configuration())
        .containsExactly(new SettingView("logLevel", "debug", "flag", "how much"));
  }

  @Test
  void writes_are_guarded_by_revision_on_request() {
    Resource model = Resources.model("a");
    control.on("PUT /api/v1/namespaces/default/models/a", json(Manifests.toJson(model)));
    control.on(
        "DELETE /api/v1/namespaces/default/models/a", json(APPLIED.replace("created", "deleted")));
    assertThat(client.put(model, OptionalLong.of(0), "")).isEqualTo(model);
    assertThat(control.last().header("if-none-match")).isEqualTo("*");
    client.put(model, OptionalLong.of(12), "why");
    assertThat(control.last().header("if-match")).isEqualTo("\"12\"");
    assertThat(client.delete(model.ref(), OptionalLong.empty(), "").results().getFirst().effect())
        .isEqualTo("deleted");
    assertThat(control.last().headers()).doesNotContainKey("if-match");
  }

  @Test
  void a_refusal_contains_every_field_of_the_problem() {
    control.on(
        "POST /api/v1/apply",
        problem(
            422,
            "\"type\":\"https://weir.dev/problems/invalid\",\"title\":\"What was given is not right\","
                + "\"detail\":\"1 problem\",\"instance\":\"req-1\",\"errors\":[{\"path\":\"spec.owner\","
                + "\"value\":\"\",\"message\":\"is required: text\"}]"));
    WeirApiException refused =
        catchThrowableOfType(WeirApiException.class, () -> client.apply("a: b", false, ""));
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.type()).isEqualTo("https://weir.dev/problems/invalid");
    assertThat(refused.requestId()).isEqualTo("req-1");
    assertThat(refused.errors())
        .containsExactly(new Problem("spec.owner", "", "is required: text"));
    assertThat(refused).hasMessage("1 problem");
  }

  @Test
  void the_error_page_of_a_proxy_is_a_refusal_with_its_status() {
    control.on("GET /api/v1/whoami", new FakeControl.Reply(502, "text/html", "<h1>no</h1>"));
    assertThatThrownBy(client::whoami)
        .hasMessageContaining("responded with status 502, but not like a control plane of Weir");
    control.on("GET /api/v1/whoami", new FakeControl.Reply(200, "text/html", "<h1>hi</h1>"));
    assertThatThrownBy(client::whoami)
        .isInstanceOf(WeirUnreachableException.class)
        .hasMessageContaining("check the address");
  }

  @Test
  void without_a_listener_the_message_names_the_cause_and_the_remedy() {
    URI address = control.address();
    control.close();
    assertThatThrownBy(client::whoami)
        .isInstanceOf(WeirUnreachableException.class)
        .hasMessage(
            "nothing listens at "
                + address
                + ": start Weir with `./weir up`, or set another URL with --server");
  }

  @Test
  void commands_are_sent_to_rollouts() {
    control.on(
        "POST /api/v1/namespaces/default/rollouts/chat-3/pause", json("{\"message\":\"held\"}"));
    control.on(
        "POST /api/v1/namespaces/default/services/chat/rollback", json("{\"message\":\"back\"}"));
    assertThat(client.rollout(RolloutVerb.PAUSE, "default", "chat-3", "look").message())
        .isEqualTo("held");
    assertThat(control.last())
        .hasToString("POST /api/v1/namespaces/default/rollouts/chat-3/pause?reason=look");
    assertThat(client.rollback("default", "chat", "").message()).isEqualTo("back");
  }

  @Test
  void a_new_key_is_returned_once_and_not_by_to_string() {
    String key = Manifests.toJson(Resources.apiKey("ci", "bot"));
    control.on(
        "POST /api/v1/namespaces/default/apikeys/ci/issue",
        new FakeControl.Reply(
            201, "application/json", "{\"key\":\"weir_s3cret\",\"resource\":" + key + "}"));
    IssuedKey issued =
        client.issueKey(
            "default",
            "ci",
            new NewKeyRequest(
                "bot", Optional.of(Role.DEPLOYER), List.of("chat"), false, Optional.empty()),
            "");
    assertThat(issued.key()).isEqualTo("weir_s3cret");
    assertThat(issued.toString()).doesNotContain("s3cret");
    assertThat(control.last().body())
        .isEqualTo(
            "{\"principal\":\"bot\",\"role\":\"deployer\",\"models\":[\"chat\"],\"pinVersion\":false}");
    assertThat(control.last().headers()).doesNotContainKey("idempotency-key");
    control.on(
        "POST /api/v1/namespaces/default/apikeys/ci/revoke",
        json(
            """
            {"resource":%s,"acknowledged":["gw-1"],"unacknowledged":[{"gateway":"gw-2","reason":"away"}]}\
            """
                .formatted(key)));
    RevokedKey revoked = client.revokeKey("default", "ci", "left");
    assertThat(revoked.resource().metadata().name()).isEqualTo("ci");
    assertThat(revoked.acknowledged()).containsExactly("gw-1");
    assertThat(revoked.unacknowledged())
        .containsExactly(new RevokedKey.Unacknowledged("gw-2", "away"));
    control.on(
        "POST /api/v1/namespaces/default/apikeys/ci/revoke",
        json(
            """
            {"resource":%s,"acknowledged":[],"cutOff":[{"gateway":"gw-2","reason":"away"}]}\
            """
                .formatted(key)));
    assertThat(client.revokeKey("default", "ci", "left").unacknowledged())
        .as("the answer of the previous version")
        .hasSize(1);
  }

  @Test
  void a_plan_keeps_field_values_as_json() {
    control.on(
        "POST /api/v1/plan",
        json(
            """
            {"changes":[{"kind":"Service","namespace":"default","name":"chat","effect":"changed",
              "fields":[{"path":"spec.version","before":"chat@1","after":"chat@2"},{"path":"spec.x","after":{"a":1}}]}],
             "rollouts":[{"service":"default/chat","from":"chat@1","to":"chat@2","steps":[5,25.5],"minSeconds":240.0}],
             "replicas":{"before":3,"after":4}}
            """));
    ApplyPlan plan = client.plan("kind: Service");
    assertThat(plan.hasNoChanges()).isFalse();
    assertThat(plan.changes().getFirst().fields())
        .containsExactly(
            new ApplyPlan.Field(
                "spec.version", Optional.of("\"chat@1\""), Optional.of("\"chat@2\"")),
            new ApplyPlan.Field("spec.x", Optional.empty(), Optional.of("{\"a\":1}")));
    assertThat(plan.rollouts().getFirst().steps()).containsExactly(5.0, 25.5);
    assertThat(plan.replicas()).isEqualTo(new ApplyPlan.Replicas(3, 4));
  }

  @Test
  void views_and_the_audit_log_are_read() {
    control.on("GET /api/v1/replicas", json("{\"items\":[]}"));
    control.on("GET /api/v1/gateways", json("{\"items\":[]}"));
    control.on("GET /api/v1/audit", json("{\"items\":[],\"head\":\"" + "0".repeat(64) + "\"}"));
    control.on(
        "GET /api/v1/audit/verify",
        json(
            "{\"entries\":4,\"verified\":false,\"firstBad\":5,\"reason\":\"its hash is another\"}"));
    control.on(
        "GET /api/v1/whoami",
        json(
            "{\"principal\":\"ada\",\"key\":\"ApiKey/default/x\",\"roles\":[{\"role\":\"admin\",\"namespace\":\"\",\"allNamespaces\":true}]}"));
    control.on("GET /health", new FakeControl.Reply(200, "text/plain", "ok\n"));
    assertThat(client.replicas()).isEmpty();
    assertThat(client.gateways()).isEmpty();
    assertThat(client.audit(4, 10).head()).hasSize(64);
    assertThat(client.verifyAudit().firstBad()).contains(5L);
    assertThat(client.whoami().roles()).hasSize(1);
    assertThat(client.health()).isTrue();
    assertThat(client.ready()).isFalse();
  }

  @Test
  void an_endpoint_is_checked_and_hides_its_key() {
    assertThatThrownBy(
            () -> ControlEndpoint.of(URI.create("http://ada:hidden@127.0.0.1:9090"), "k"))
        .hasMessageContaining("must not contain a user or password")
        .hasMessageNotContaining("hidden");
    assertThatThrownBy(() -> ControlEndpoint.of(URI.create("localhost:9090"), "k"))
        .hasMessageContaining("for example http://127.0.0.1:9090");
    assertThatThrownBy(() -> ControlEndpoint.of(URI.create("http://a"), "se cret"))
        .hasMessageContaining("invalid API key")
        .hasMessageNotContaining("cret");
    assertThat(ControlEndpoint.of(URI.create("http://a"), "secret")).hasToString("http://a");
  }
}
