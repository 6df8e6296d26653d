// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.api.ApiHarness.Reply;
import dev.weir.model.Service;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.AuditEntry;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ApplyTest {
  private static final ResourceRef CHAT = ResourceRef.of(Kind.SERVICE, "default", "chat");

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
  void a_set_that_refers_to_itself_is_applied_in_one_commit_with_one_audit_entry() {
    int before = audit().size();
    Reply reply = api.post("/api/v1/apply?reason=first%20release", SampleManifests.chat());
    assertThat(reply.status()).isEqualTo(200);
    assertThat(effects(reply)).containsExactly("created", "created", "created", "created");
    assertThat(reply.json().path("revision").asLong()).isEqualTo(api.store.revision());
    assertThat(reply.json().path("dryRun").asBoolean()).isFalse();
    assertThat(audit()).hasSize(before + 1);
    AuditEntry entry = audit().getLast();
    assertThat(entry.principal()).isEqualTo("admin");
    assertThat(entry.reason()).isEqualTo("first release");
    assertThat(entry.sourceAddress()).isEqualTo("127.0.0.1");
    assertThat(entry.requestId()).isEqualTo(reply.header("x-request-id"));
    assertThat(entry.subject())
        .isEqualTo(
            "Model/default/chat, ModelVersion/default/chat-1, ModelVersion/default/chat-2,"
                + " Service/default/chat");
  }

  @Test
  void a_field_under_its_old_name_is_applied_with_a_warning_in_the_body_or_the_header() {
    api.post("/api/v1/apply", SampleManifests.chat());
    String service =
        """
        apiVersion: weir.dev/v1
        kind: Service
        metadata: {name: chat}
        spec:
          version: chat@1
          placements: [{target: local, replicas: 1}]
          traffic: {breaker: {panic: 60%}}
        """;
    Reply reply = api.post("/api/v1/apply?dryRun=true", service);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().path("warnings").get(0).asString())
        .startsWith("spec.traffic.breaker.panic is a retired name: write `panicThreshold`");
    Reply put = api.put("/api/v1/namespaces/default/services/chat", service);
    assertThat(put.status()).isEqualTo(200);
    assertThat(put.header("Warning")).startsWith("299 weir \"spec.traffic.breaker.panic");
    assertThat(
            put.json()
                .path("spec")
                .path("traffic")
                .path("breaker")
                .path("panicThreshold")
                .asString())
        .isEqualTo("60%");
    assertThat(
            api.put(
                    "/api/v1/namespaces/default/services/chat",
                    service.replace("panic:", "panicThreshold:"))
                .header("Warning"))
        .isEmpty();
  }

  @Test
  void the_same_set_again_changes_nothing() {
    api.post("/api/v1/apply", SampleManifests.chat());
    long revision = api.store.revision();
    Reply again = api.post("/api/v1/apply", SampleManifests.chat());
    assertThat(effects(again)).containsOnly("unchanged");
    assertThat(api.store.revision()).isEqualTo(revision);
  }

  @Test
  void all_problems_of_all_documents_are_told_and_nothing_is_applied() {
    long revision = api.store.revision();
    Reply reply =
        api.post(
            "/api/v1/apply",
            SampleManifests.all(
                SampleManifests.model("default", "chat"),
                SampleManifests.version("default", "nobody", "1"),
                """
                apiVersion: weir.dev/v1
                kind: Service
                metadata: {name: chat}
                spec: {version: chat@9, placements: [{target: mars}, {target: local}]}
                """,
                SampleManifests.route("default", "r", "chat", "ghost"),
                SampleManifests.binding("default", "b", "ghost", "viewer", false)));
    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.problem()).isEqualTo("invalid");
    assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(reply.errors())
        .anyMatch(e ->
            e.startsWith("ModelVersion/default/nobody-1: ") && e.contains(" Model/default/nobody"))
        .anyMatch(e ->
            e.startsWith("Service/default/chat: ") && e.contains("ModelVersion/default/chat-9"))
        .anyMatch(e -> e.contains("placements[0].target") && e.contains("Target/mars"))
        .anyMatch(e -> e.startsWith("Route/default/r: ") && e.contains("Service/default/ghost"))
        .anyMatch(e -> e.startsWith("Route/default/r: ") && e.contains("taken by another Service"))
        .anyMatch(e -> e.startsWith("RoleBinding/default/b: ") && e.contains("Principal/ghost"));
    assertThat(api.store.revision()).isEqualTo(revision);
  }

  @Test
  void a_field_that_is_wrong_and_a_reference_to_nothing_are_told_together() {
    Reply reply =
        api.post(
            "/api/v1/apply",
            SampleManifests.all(
                """
                apiVersion: weir.dev/v1
                kind: Model
                metadata: {name: chat}
                spec: {owner: me, colour: blue}
                """,
                SampleManifests.service("default", "chat", "chat@9", 1)));
    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.errors())
        .anyMatch(e -> e.contains("colour"))
        .anyMatch(e -> e.contains("ModelVersion/default/chat-9"));
  }

  @Test
  void a_dry_run_tells_and_changes_nothing() {
    long revision = api.store.revision();
    int entries = audit().size();
    Reply reply = api.post("/api/v1/apply?dryRun=true", SampleManifests.chat());
    assertThat(effects(reply)).containsOnly("created");
    assertThat(reply.json().path("dryRun").asBoolean()).isTrue();
    assertThat(api.store.revision()).isEqualTo(revision);
    assertThat(audit()).hasSize(entries);
    assertThat(
            api.post("/api/v1/apply?dryRun=true", SampleManifests.service("default", "x", "x@1", 1))
                .status())
        .isEqualTo(422);
  }

  @Test
  void a_mistyped_parameter_never_applies_for_real() {
    Reply reply = api.post("/api/v1/apply?dryrun=true", SampleManifests.chat());
    assertThat(reply.status()).isEqualTo(400);
    assertThat(api.store.get(CHAT)).isEmpty();
  }

  @Test
  void one_document_that_the_caller_may_not_write_refuses_the_whole_set() {
    String deployer = api.account("dora", Role.DEPLOYER, "default");
    Reply reply =
        api.call(
            "POST",
            "/api/v1/apply",
            deployer,
            SampleManifests.all(
                SampleManifests.model("default", "chat"),
                SampleManifests.target("mine", "process"),
                SampleManifests.model("other", "chat")));
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.json().path("errors").valueStream().map(e -> e.path("value").asString()))
        .containsExactly("Target/mine", "Model/other/chat");
    assertThat(api.store.list(Kind.MODEL, "")).isEmpty();
    assertThat(audit().getLast().action()).isEqualTo("access.denied");
    assertThat(audit().getLast().principal()).isEqualTo("dora");
  }

  @Test
  void a_users_status_is_put_aside() {
    api.post("/api/v1/apply", SampleManifests.chat());
    stable("chat@1");
    Reply reply =
        api.put(
            "/api/v1/namespaces/default/services/chat",
            SampleManifests.service("default", "chat", "chat@1", 5)
                + "status: {message: mine, rollouts: 99}\n");
    assertThat(reply.status()).isEqualTo(200);
    Service stored = (Service) api.store.get(CHAT).orElseThrow();
    assertThat(stored.status().rollouts()).isZero();
    assertThat(stored.status().stable()).isPresent();
    assertThat(stored.spec().placements().getFirst().replicas()).isEqualTo(5);
  }

  @Test
  void a_stored_version_is_immutable() {
    api.post("/api/v1/apply", SampleManifests.chat());
    String other = SampleManifests.version("default", "chat", "1").replace("sim", "vllm");
    Reply reply = api.post("/api/v1/apply", other);
    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.json().path("detail").asString()).contains("immutable");
  }

  @Test
  void a_rollout_is_not_made_by_users() {
    Reply put = api.put("/api/v1/namespaces/default/rollouts/chat-1", "{}");
    assertThat(put.status()).isEqualTo(405);
  }

  @Test
  void a_plan_shows_fields_rollouts_and_replicas() {
    api.post("/api/v1/apply", SampleManifests.chat());
    stable("chat@1");
    long revision = api.store.revision();
    Reply reply = api.post("/api/v1/plan", SampleManifests.service("default", "chat", "chat@2", 3));
    assertThat(reply.status()).isEqualTo(200);
    JsonNode change = reply.json().path("changes").get(0);
    assertThat(change.path("effect").asString()).isEqualTo("changed");
    List<String> fields =
        change
            .path("fields")
            .valueStream()
            .map(f -> f.path("path").asString() + ": " + f.path("before") + " > " + f.path("after"))
            .toList();
    assertThat(fields)
        .containsExactly(
            "spec.version: \"chat@1\" > \"chat@2\"", "spec.placements[0].replicas: 2 > 3");
    JsonNode rollout = reply.json().path("rollouts").get(0);
    assertThat(rollout.path("service").asString()).isEqualTo("default/chat");
    assertThat(rollout.path("from").asString()).isEqualTo("chat@1");
    assertThat(rollout.path("to").asString()).isEqualTo("chat@2");
    assertThat(rollout.path("steps").toString()).isEqualTo("[1,5,25,50,95]");
    assertThat(rollout.path("minSeconds").asDouble()).isEqualTo(780.0);
    assertThat(rollout.path("strategy").asString()).isEqualTo("canary");
    assertThat(rollout.path("room").asString()).isEqualTo("surge");
    assertThat(rollout.path("usage").toString())
        .isEqualTo(
            "[{\"target\":\"local\",\"unit\":\"H100\",\"now\":2,\"peak\":4,\"capacity\":8}]");
    assertThat(rollout.path("costUsd").asDouble()).isEqualTo(3.44);
    assertThat(reply.json().path("replicas").toString()).isEqualTo("{\"before\":2,\"after\":3}");
    assertThat(api.store.revision()).isEqualTo(revision);
  }

  @Test
  void an_apply_tells_what_it_starts() {
    api.post("/api/v1/apply", SampleManifests.chat());
    stable("chat@1");
    String next = SampleManifests.service("default", "chat", "chat@2", 2);
    JsonNode would = api.post("/api/v1/apply?dryRun=true", next).json().path("rollouts");
    JsonNode does = api.post("/api/v1/apply", next).json().path("rollouts");
    assertThat(does).isEqualTo(would).hasSize(1);
    assertThat(does.get(0).path("waitsFor").toString()).isEqualTo("[\"frozen\"]");
    assertThat(does.get(0).path("traffic").asString())
        .isEqualTo("from the last minutes: 4.8 requests/s");
    assertThat(api.post("/api/v1/apply", next).json().path("rollouts")).isEmpty();
  }

  @Test
  void a_plan_of_what_is_stored_already_says_unchanged() {
    api.post("/api/v1/apply", SampleManifests.chat());
    stable("chat@1");
    Reply reply = api.post("/api/v1/plan", SampleManifests.chat());
    assertThat(reply.json().path("changes").valueStream().map(c -> c.path("effect").asString()))
        .containsOnly("unchanged");
    assertThat(reply.json().path("rollouts")).isEmpty();
  }

  @Test
  void an_apply_and_a_plan_of_a_version_that_was_rolled_back_warn() {
    api.post("/api/v1/apply", SampleManifests.chat());
    Service service = (Service) api.store.get(CHAT).orElseThrow();
    stable(
        "chat@0",
        List.of(new ServiceStatus.FailedRelease(service.spec().version(), "hash", "chat-1")));
    for (String call : List.of("plan", "apply", "apply?dryRun=true")) {
      assertThat(api.post("/api/v1/" + call, SampleManifests.chat()).json().path("warnings"))
          .as(call)
          .anySatisfy(warning ->
              assertThat(warning.asString())
                  .startsWith("service default/chat is unchanged and OutOfSync: ")
                  .endsWith("`weir rollout retry chat` tries again"));
    }
  }

  private void stable(String version) {
    stable(version, List.of());
  }

  private void stable(String version, List<ServiceStatus.FailedRelease> failed) {
    Service service = (Service) api.store.get(CHAT).orElseThrow();
    ServiceStatus status =
        ServiceStatus.empty()
            .withStable(
                new StableVersion(
                    VersionRef.parse(version).orElseThrow(), service.metadata().specRevision()))
            .withFailed(failed);
    var _ =
        api.changes.execute(
            new dev.weir.control.change.Change.ServiceProgress(
                service.withStatus(status), service.metadata().revision()),
            dev.weir.control.change.ChangeExecutor.Actor.WEIR,
            "serves");
  }

  private List<AuditEntry> audit() {
    return api.store.audit(0, 1_000);
  }

  private static List<String> effects(Reply reply) {
    return reply
        .json()
        .path("results")
        .valueStream()
        .map(r -> r.path("effect").asString())
        .toList();
  }
}
