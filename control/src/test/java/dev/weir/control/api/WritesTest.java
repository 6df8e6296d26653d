// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.api.ApiHarness.Reply;
import dev.weir.control.change.CommandResult;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Preconditions, idempotency, pages, deletions, commands.
class WritesTest {
  private static final String CHAT = "/api/v1/namespaces/default/services/chat";

  @TempDir Path folder;
  private ApiHarness api;

  @BeforeEach
  void start() {
    api = new ApiHarness(folder);
    api.post("/api/v1/apply", SampleManifests.chat());
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void a_put_with_the_revision_that_was_read_is_taken_and_an_older_one_is_not() {
    Reply got = api.get(CHAT);
    String etag = got.header("ETag");
    String wanted = SampleManifests.service("default", "chat", "chat@1", 3);
    Reply first = api.put(CHAT, wanted, "If-Match", etag);
    assertThat(first.status()).isEqualTo(200);
    Reply second =
        api.put(CHAT, SampleManifests.service("default", "chat", "chat@1", 4), "If-Match", etag);
    assertThat(second.status()).isEqualTo(412);
    assertThat(second.problem()).isEqualTo("precondition-failed");
    assertThat("\"" + second.json().path("currentRevision").asLong() + "\"")
        .isEqualTo(first.header("ETag"));
    assertThat(api.get(CHAT).json()).isEqualTo(first.json());
  }

  @Test
  void a_put_can_ask_that_the_resource_is_new_or_that_it_exists() {
    String body = SampleManifests.service("default", "chat", "chat@1", 3);
    assertThat(api.put(CHAT, body, "If-None-Match", "*").status()).isEqualTo(412);
    String other = "/api/v1/namespaces/default/models/other";
    String model = SampleManifests.model("default", "other");
    assertThat(api.put(other, model, "If-Match", "*").status()).isEqualTo(412);
    assertThat(api.put(other, model, "If-None-Match", "*").status()).isEqualTo(201);
    assertThat(api.put(other, model, "If-Match", "soon").status()).isEqualTo(400);
  }

  @Test
  void if_match_guards_deletes_applies_and_commands_too() {
    String stale = "\"1\"";
    assertThat(api.delete(CHAT, "If-Match", stale).status()).isEqualTo(412);
    Reply apply =
        api.post(
            "/api/v1/apply",
            SampleManifests.service("default", "chat", "chat@1", 9),
            "If-Match",
            stale);
    assertThat(apply.status()).isEqualTo(412);
    assertThat(api.post(CHAT + "/rollback", "", "If-Match", stale).status()).isEqualTo(412);
    assertThat(api.post("/api/v1/apply", SampleManifests.chat(), "If-Match", stale).status())
        .isEqualTo(400);
    assertThat(api.rollouts.commands).isEmpty();
  }

  @Test
  void a_body_that_names_another_resource_than_the_path_is_refused() {
    Reply reply = api.put(CHAT, SampleManifests.service("default", "chad", "chat@1", 3));
    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.errors()).containsExactly("metadata.name the path contains chat");
    Reply two = api.put(CHAT, SampleManifests.chat());
    assertThat(two.status()).isEqualTo(422);
  }

  @Test
  void a_body_without_namespace_takes_that_of_the_path() {
    String model = "apiVersion: weir.dev/v1\nkind: Model\nmetadata: {name: m}\nspec: {owner: o}\n";
    Reply reply = api.put("/api/v1/namespaces/team-a/models/m", model);
    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.json().path("metadata").path("namespace").asString()).isEqualTo("team-a");
  }

  @Test
  void a_delete_is_refused_while_something_depends_on_the_resource_and_names_it() {
    Reply model = api.delete("/api/v1/namespaces/default/models/chat");
    assertThat(model.status()).isEqualTo(409);
    assertThat(model.errors())
        .anyMatch(e -> e.contains("ModelVersion/default/chat-1"))
        .anyMatch(e -> e.contains("ModelVersion/default/chat-2"));
    assertThat(api.delete("/api/v1/namespaces/default/modelversions/chat-1").errors())
        .anyMatch(e -> e.contains("Service/default/chat"));
    assertThat(api.delete("/api/v1/targets/local").errors())
        .anyMatch(e -> e.contains("Service/default/chat"));
    assertThat(api.delete("/api/v1/principals/admin").errors())
        .anyMatch(e -> e.contains("RoleBinding/default/admin"))
        .anyMatch(e -> e.contains("ApiKey/default/admin"));
    api.post("/api/v1/apply", SampleManifests.route("default", "public", "gpt", "chat"));
    assertThat(api.delete(CHAT).errors()).anyMatch(e -> e.contains("Route/default/public"));
  }

  @Test
  void what_nothing_depends_on_goes_and_its_history_stays() {
    Reply deleted = api.delete(CHAT);
    assertThat(deleted.status()).isEqualTo(200);
    assertThat(deleted.json().path("results").get(0).path("effect").asString())
        .isEqualTo("deleted");
    assertThat(api.get(CHAT).status()).isEqualTo(404);
    assertThat(api.delete(CHAT).status()).isEqualTo(404);
    JsonNode history = api.get(CHAT + "/history").json().path("items");
    assertThat(history.valueStream().map(i -> i.path("deleted").asBoolean()))
        .containsExactly(true, false);
    assertThat(api.delete("/api/v1/namespaces/default/modelversions/chat-1").status())
        .isEqualTo(200);
  }

  @Test
  void the_last_administrator_cannot_be_taken_away() {
    String path = "/api/v1/namespaces/default/rolebindings/admin";
    assertThat(api.delete(path).status()).isEqualTo(409);
    Reply weaker =
        api.put(path, SampleManifests.binding("default", "admin", "admin", "viewer", true));
    assertThat(weaker.status()).isEqualTo(409);
    api.account("second", Role.ADMIN, "*");
    assertThat(api.delete(path).status()).isEqualTo(200);
  }

  @Test
  void an_idempotency_key_carries_a_request_out_once() {
    String body = SampleManifests.model("default", "one");
    Reply first = api.post("/api/v1/apply", body, "Idempotency-Key", "k1");
    Reply again = api.post("/api/v1/apply", body, "Idempotency-Key", "k1");
    assertThat(again.status()).isEqualTo(first.status());
    assertThat(again.text()).isEqualTo(first.text()).contains("created");
    assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
  }

  @Test
  void an_idempotency_key_is_for_one_request_of_one_principal_for_a_day() {
    String one = SampleManifests.model("default", "one");
    String two = SampleManifests.model("default", "two");
    api.post("/api/v1/apply", one, "Idempotency-Key", "k1");
    Reply other = api.post("/api/v1/apply", two, "Idempotency-Key", "k1");
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.problem()).isEqualTo("idempotency-key-reused");
    String somebody = api.account("dora", Role.DEPLOYER, "default");
    assertThat(api.call("POST", "/api/v1/apply", somebody, two, "Idempotency-Key", "k1").status())
        .isEqualTo(200);
    api.clock.advance(Duration.ofHours(25));
    assertThat(api.post("/api/v1/apply", two, "Idempotency-Key", "k1").status()).isEqualTo(200);
  }

  @Test
  void a_refused_request_may_be_tried_again_with_its_idempotency_key() {
    String service = SampleManifests.service("default", "late", "late@1", 1);
    assertThat(api.post("/api/v1/apply", service, "Idempotency-Key", "k").status()).isEqualTo(422);
    api.post(
        "/api/v1/apply",
        SampleManifests.all(
            SampleManifests.model("default", "late"),
            SampleManifests.version("default", "late", "1")));
    assertThat(api.post("/api/v1/apply", service, "Idempotency-Key", "k").status()).isEqualTo(200);
  }

  @Test
  void pages_show_one_revision_whatever_is_written_meanwhile() {
    api.post(
        "/api/v1/apply",
        SampleManifests.all(
            IntStream.range(0, 7)
                .mapToObj(i -> SampleManifests.model("default", "m" + i))
                .toArray(String[]::new)));
    String list = "/api/v1/namespaces/default/models?limit=3";
    List<String> names = new ArrayList<>();
    JsonNode page = api.get(list).json();
    long revision = page.path("revision").asLong();
    while (true) {
      page.path("items").forEach(item -> names.add(item.path("metadata").path("name").asString()));
      assertThat(page.path("revision").asLong()).isEqualTo(revision);
      if (!page.has("continue")) {
        break;
      }
      api.post("/api/v1/apply", SampleManifests.model("default", "a" + names.size()));
      page = api.get(list + "&continue=" + page.path("continue").asString()).json();
    }
    assertThat(names).containsExactly("chat", "m0", "m1", "m2", "m3", "m4", "m5", "m6");
    assertThat(api.get(list + "&continue=ffff.3").status()).isEqualTo(410);
    assertThat(api.get("/api/v1/namespaces/default/models?limit=0").status()).isEqualTo(400);
  }

  @Test
  void commands_reach_the_release_engine_with_actor_and_reason() {
    Reply done = api.post(CHAT + "/rollback", "", "x-weir-reason", "smells");
    assertThat(done.status()).isEqualTo(200);
    assertThat(done.json().path("message").asString()).isEqualTo("done");
    assertThat(done.json().path("resource").path("kind").asString()).isEqualTo("Service");
    for (String verb : List.of("pause", "resume", "promote", "abort", "retry")) {
      api.post("/api/v1/namespaces/default/rollouts/chat-1/" + verb + "?reason=r", "");
    }
    assertThat(api.rollouts.commands)
        .containsExactly(
            "rollback Service/default/chat by admin: smells",
            "pause Rollout/default/chat-1 by admin: r",
            "resume Rollout/default/chat-1 by admin: r",
            "promote Rollout/default/chat-1 by admin: r",
            "abort Rollout/default/chat-1 by admin: r",
            "retry Rollout/default/chat-1 by admin: r");
  }

  @Test
  void what_pages_people_says_why_and_for_how_long() {
    String rollout = "/api/v1/namespaces/default/rollouts/chat-1/";
    for (String mute : List.of("abort?now=true", "override", "override?reason=%20")) {
      Reply refused = api.post(rollout + mute, "");
      assertThat(refused.status()).as(mute).isEqualTo(422);
      assertThat(refused.text()).contains("state the reason");
    }
    for (String span : List.of("0s", "8d", "soon")) {
      Reply refused = api.post(rollout + "override?reason=r&until=" + span, "");
      assertThat(refused.status()).as(span).isEqualTo(422);
      assertThat(refused.text()).contains("at most 7d");
    }
    assertThat(api.rollouts.commands).isEmpty();
    api.post(rollout + "abort?now=true&reason=r", "");
    api.post(rollout + "override?until=2h&reason=r", "");
    assertThat(api.rollouts.commands)
        .containsExactly(
            "abort now Rollout/default/chat-1 by admin: r",
            "override for PT2H Rollout/default/chat-1 by admin: r");
  }

  @Test
  void a_command_that_is_refused_is_a_conflict_and_one_to_nothing_is_not_found() {
    String pause = "/api/v1/namespaces/default/rollouts/chat-1/pause";
    api.rollouts.next = new CommandResult.Refused("chat-1 is Completed");
    assertThat(api.post(pause, "").status()).isEqualTo(409);
    api.rollouts.next = new CommandResult.NotFound();
    assertThat(api.post(pause, "").status()).isEqualTo(404);
    assertThat(api.get("/api/v1/namespaces/default/rollouts/chat-1/evidence").status())
        .isEqualTo(404);
  }

  @Test
  void the_audit_log_can_be_read_and_verified_over_http() {
    JsonNode log = api.get("/api/v1/audit?limit=2").json();
    assertThat(log.path("items")).hasSize(2);
    assertThat(log.path("head").asString()).isEqualTo(api.store.auditHead().hash());
    JsonNode verified = api.get("/api/v1/audit/verify").json();
    assertThat(verified.path("verified").asBoolean()).isTrue();
    assertThat(verified.path("entries").asLong()).isEqualTo(api.store.audit(0, 1_000).size());
    assertThat(api.store.get(ResourceRef.of(Kind.SERVICE, "default", "chat"))).isPresent();
  }

  @Test
  void every_answer_carries_the_request_id_of_the_caller_or_a_new_one() {
    assertThat(api.call("GET", "/health", "", "", "x-request-id", "abc-1").header("x-request-id"))
        .isEqualTo("abc-1");
    Reply refused = api.call("GET", "/api/v1/whoami", "", "", "x-request-id", "bad id with spaces");
    assertThat(refused.header("x-request-id")).matches("[0-9a-f]{16}");
    assertThat(refused.json().path("instance").asString())
        .isEqualTo(refused.header("x-request-id"));
    assertThat(api.call("GET", "/metrics", "", "").text())
        .contains("weir_control_api_calls_seconds_count");
    assertThat(api.call("GET", "/ready", "", "").status()).isEqualTo(200);
  }
}
