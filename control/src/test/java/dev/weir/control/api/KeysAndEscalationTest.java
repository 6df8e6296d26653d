// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.access.Bootstrap;
import dev.weir.control.access.Keys;
import dev.weir.control.api.ApiHarness.Reply;
import dev.weir.model.ApiKey;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AuditEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class KeysAndEscalationTest {
  private static final String KEYS = "/api/v1/namespaces/default/apikeys/";

  @TempDir Path folder;
  private ApiHarness api;

  @BeforeEach
  void start() {
    api = new ApiHarness(folder);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void an_issued_key_works_at_once_and_its_secret_is_stored_nowhere() {
    Reply issued = api.post(KEYS + "ci/issue", "{\"principal\": \"ci\", \"role\": \"deployer\"}");
    assertThat(issued.status()).isEqualTo(201);
    String key = issued.json().path("key").asString();
    assertThat(key).matches("weir_[A-Za-z0-9_-]{43}");
    JsonNode spec = issued.json().path("resource").path("spec");
    assertThat(spec.path("hint").asString()).isEqualTo(key.substring(0, 9));
    assertThat(spec.path("hash").asString()).isEqualTo(Keys.hash(key));
    Reply who = api.call("GET", "/api/v1/whoami", key, "");
    assertThat(who.json().path("principal").asString()).isEqualTo("ci");
    assertThat(who.json().path("roles").toString())
        .isEqualTo("[{\"role\":\"deployer\",\"namespace\":\"default\",\"allNamespaces\":false}]");
    assertThat(api.store.audit(0, 1_000).toString()).doesNotContain(key);
    assertThat(api.store.list(Kind.API_KEY, "").toString()).doesNotContain(key);
  }

  @Test
  void a_key_of_role_gateway_may_connect_whatever_namespace_it_stands_in() {
    Reply issued =
        api.post(KEYS + "edge/issue", "{\"principal\": \"edge\", \"role\": \"gateway\"}");
    String key = issued.json().path("key").asString();

    assertThat(api.call("POST", "/internal/v1/answers", key, "{}").status()).isNotEqualTo(403);
    assertThat(api.call("GET", "/api/v1/whoami", key, "").json().path("roles").toString())
        .isEqualTo("[{\"role\":\"gateway\",\"namespace\":\"default\",\"allNamespaces\":true}]");
    assertThat(
            api.post(KEYS + "spare/issue", "{\"principal\": \"edge\", \"role\": \"gateway\"}")
                .status())
        .isEqualTo(201);
  }

  @Test
  void an_issued_secret_is_not_kept_for_an_idempotency_key_either() {
    String body = "{\"principal\": \"admin\"}";
    Reply first = api.post(KEYS + "extra/issue", body, "Idempotency-Key", "i");
    assertThat(first.status()).isEqualTo(201);
    Reply again = api.post(KEYS + "extra/issue", body, "Idempotency-Key", "i");
    assertThat(again.status()).isEqualTo(409);
    assertThat(api.store.observations().list("idempotency-keys", "").toString())
        .doesNotContain(first.json().path("key").asString());
  }

  @Test
  void a_bad_issue_request_tells_all_that_is_wrong() {
    Reply reply =
        api.post(KEYS + "x/issue", "{\"role\": \"king\", \"models\": 1, \"colour\": \"blue\"}");
    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.errors())
        .anyMatch(e -> e.startsWith("principal"))
        .anyMatch(e -> e.startsWith("role"))
        .anyMatch(e -> e.startsWith("models"))
        .anyMatch(e -> e.startsWith("colour"));
    Reply nobody = api.post(KEYS + "x/issue", "{\"principal\": \"nobody\"}");
    assertThat(nobody.status()).isEqualTo(422);
    assertThat(nobody.errors()).anyMatch(e -> e.contains("Principal/nobody"));
    assertThat(api.post(KEYS + "admin/issue", "{\"principal\": \"admin\"}").status())
        .isEqualTo(409);
  }

  @Test
  void a_key_whose_name_no_manifest_could_have_is_not_made() {
    long before = api.store.revision();
    Reply reply =
        api.post(KEYS + "Bad_Name/issue", "{\"principal\": \"ci\", \"role\": \"viewer\"}");
    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.errors()).singleElement().asString().startsWith("metadata.name ");
    reply = api.post(KEYS + "fine/issue", "{\"principal\": \"Bad_Name\", \"role\": \"viewer\"}");
    assertThat(reply.status()).isEqualTo(422);
    assertThat(api.store.revision()).isEqualTo(before);
  }

  @Test
  void what_is_in_use_is_not_deleted_and_says_what_to_do() {
    api.account("ann", Role.VIEWER, "default");
    Reply reply = api.call("DELETE", "/api/v1/principals/ann", api.adminKey, "");
    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.errors())
        .isNotEmpty()
        .allMatch(e -> e.startsWith("Principal/ann"))
        .allMatch(e -> e.endsWith(": delete that first, or let it use another"));
    Reply last =
        api.call("DELETE", "/api/v1/namespaces/default/rolebindings/admin", api.adminKey, "");
    assertThat(last.status()).isEqualTo(409);
    assertThat(last.errors())
        .singleElement()
        .asString()
        .endsWith("administrator of all namespaces");
  }

  @Test
  void a_revoked_key_is_refused_from_the_next_call_on() {
    String key =
        api.post(KEYS + "ci/issue", "{\"principal\": \"ci\", \"role\": \"viewer\"}")
            .json()
            .path("key")
            .asString();
    assertThat(api.call("GET", "/api/v1/whoami", key, "").status()).isEqualTo(200);
    assertThat(api.post(KEYS + "ci/revoke", "").status()).isEqualTo(200);
    assertThat(api.call("GET", "/api/v1/whoami", key, "").status()).isEqualTo(401);
    assertThat(api.post(KEYS + "none/revoke", "").status()).isEqualTo(404);
  }

  @Test
  void an_expired_key_and_one_of_a_disabled_principal_are_refused() {
    String key =
        api.post(
                KEYS + "ci/issue",
                "{\"principal\": \"ci\", \"role\": \"viewer\","
                    + " \"expiresAt\": \"2026-01-01T01:00:00Z\"}")
            .json()
            .path("key")
            .asString();
    assertThat(api.call("GET", "/api/v1/whoami", key, "").status()).isEqualTo(200);
    api.clock.advance(Duration.ofHours(1));
    assertThat(api.call("GET", "/api/v1/whoami", key, "").status()).isEqualTo(401);
    String dora = api.account("dora", Role.VIEWER, "*");
    api.put(
        "/api/v1/principals/dora",
        "{apiVersion: weir.dev/v1, kind: Principal, metadata: {name: dora},"
            + " spec: {disabled: true}}");
    assertThat(api.call("GET", "/api/v1/whoami", dora, "").status()).isEqualTo(401);
  }

  @Test
  void an_administrator_of_a_namespace_manages_that_namespace() {
    String nadia = api.account("nadia", Role.ADMIN, "default");
    api.account("dora", Role.VIEWER, "default");
    assertThat(
            api.call(
                    "PUT",
                    "/api/v1/namespaces/default/rolebindings/more",
                    nadia,
                    SampleManifests.binding("default", "more", "dora", "deployer", false))
                .status())
        .isEqualTo(201);
    assertThat(api.call("POST", KEYS + "dora-2/issue", nadia, "{\"principal\": \"dora\"}").status())
        .isEqualTo(201);
  }

  @Test
  void an_administrator_of_a_namespace_cannot_reach_beyond_it() {
    String nadia = api.account("nadia", Role.ADMIN, "default");
    api.account("olga", Role.VIEWER, "other");
    List<Reply> attempts =
        List.of(
            api.call(
                "PUT",
                "/api/v1/namespaces/default/rolebindings/up",
                nadia,
                SampleManifests.binding("default", "up", "nadia", "admin", true)),
            api.call("DELETE", "/api/v1/namespaces/default/rolebindings/admin", nadia, ""),
            api.call(
                "PUT",
                "/api/v1/namespaces/default/rolebindings/admin",
                nadia,
                SampleManifests.binding("default", "admin", "admin", "viewer", false)),
            api.call("POST", KEYS + "mine/issue", nadia, "{\"principal\": \"admin\"}"),
            api.call("POST", KEYS + "mine/issue", nadia, "{\"principal\": \"olga\"}"),
            api.call("POST", KEYS + "admin/revoke", nadia, ""),
            api.call("DELETE", KEYS + "admin", nadia, ""),
            api.call(
                "POST",
                KEYS + "mine/issue",
                nadia,
                "{\"principal\": \"new\", \"role\": \"viewer\"}"),
            api.call(
                "PUT", "/api/v1/targets/local", nadia, SampleManifests.target("local", "process")));
    assertThat(attempts).extracting(Reply::status).containsOnly(403);
    assertThat(api.store.get(ResourceRef.of(Kind.API_KEY, "default", "mine"))).isEmpty();
    ApiKey admin =
        (ApiKey) api.store.get(ResourceRef.of(Kind.API_KEY, "default", "admin")).orElseThrow();
    assertThat(admin.spec().revoked()).isFalse();
  }

  @Test
  void a_deployer_cannot_make_rights_or_keys() {
    String dora = api.account("dora", Role.DEPLOYER, "*");
    Reply binding =
        api.call(
            "POST",
            "/api/v1/apply",
            dora,
            SampleManifests.binding("default", "up", "dora", "admin", false));
    assertThat(binding.status()).isEqualTo(403);
    assertThat(api.call("POST", KEYS + "m/issue", dora, "{\"principal\": \"dora\"}").status())
        .isEqualTo(403);
  }

  @Test
  void a_denied_call_is_audited_with_who_from_where_and_what() {
    String vera = api.account("vera", Role.VIEWER, "default");
    api.call("DELETE", "/api/v1/namespaces/default/models/chat", vera, "", "x-request-id", "r-1");
    AuditEntry entry = api.store.audit(0, 1_000).getLast();
    assertThat(entry.action()).isEqualTo("access.denied");
    assertThat(entry.outcome()).isEqualTo("denied");
    assertThat(entry.principal()).isEqualTo("vera");
    assertThat(entry.requestId()).isEqualTo("r-1");
    assertThat(entry.sourceAddress()).isEqualTo("127.0.0.1");
    assertThat(entry.reason())
        .startsWith("DELETE /api/v1/namespaces/default/models/chat: needs the role deployer");
  }

  @Test
  void a_flood_of_bad_keys_makes_one_entry_and_no_key_is_written() {
    int before = api.store.audit(0, 1_000).size();
    for (int i = 0; i < 50; i++) {
      api.call("GET", "/api/v1/whoami", "hunter2-password-" + i, "");
    }
    List<AuditEntry> after = api.store.audit(0, 1_000);
    assertThat(after).hasSize(before + 1);
    assertThat(after.getLast().principal()).isEqualTo("anonymous");
    assertThat(after.toString()).doesNotContain("hunter2");
  }

  @Test
  void bootstrap_is_done_once() {
    assertThat(Bootstrap.done(api.store)).isTrue();
    assertThat(Bootstrap.ensure(api.store, api.changes, "weak", "weak"))
        .isInstanceOf(Bootstrap.Outcome.AlreadyDone.class);
    Reply target = api.get("/api/v1/targets/local");
    assertThat(target.json().path("spec").path("provider").asString()).isEqualTo("process");
  }
}
