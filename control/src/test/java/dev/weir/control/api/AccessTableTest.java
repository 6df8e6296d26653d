// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.access.Keys;
import dev.weir.control.api.AccessTable.Row;
import dev.weir.control.api.AccessTable.Where;
import dev.weir.control.api.ApiHarness.Reply;
import dev.weir.model.ApiKey;
import dev.weir.model.Principal;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.spec.ApiKeySpec;
import dev.weir.model.spec.PrincipalSpec;
import dev.weir.model.spec.PrincipalSpec.PrincipalType;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.status.NoStatus;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.ReplicaView;
import dev.weir.store.AuditDraft;
import dev.weir.store.Write;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Every route of the published document against every kind of caller, as `AccessTable` says; and
/// whether anybody can tell what exists where they may not look.
class AccessTableTest {
  private static final Map<String, Row> TABLE = AccessTable.rows();

  /// The one thing of every kind that exists, and one that does not.
  private static final String THERE = "chat";

  private static final String NOT_THERE = "none";

  /// The kinds whose resource has another name or refers to others.
  private static final EnumSet<Kind> PREPARED =
      EnumSet.of(
          Kind.MODEL,
          Kind.MODEL_VERSION,
          Kind.SERVICE,
          Kind.ROLLOUT,
          Kind.ROUTE,
          Kind.ROLE_BINDING,
          Kind.API_KEY);

  @TempDir Path folder;
  private ApiHarness api;

  @BeforeEach
  void start() {
    api = new ApiHarness(folder);
    api.post("/api/v1/apply", SampleManifests.chat());
    for (Kind kind : EnumSet.complementOf(PREPARED)) {
      Resource example = Resources.of(kind);
      api.put(example.withMetadata(Metadata.of(example.metadata().namespace(), THERE)));
    }
    for (Resource resource :
        List.of(
            Resources.roleBinding(THERE, THERE, Role.VIEWER),
            Resources.apiKey(THERE, THERE, "sha256:" + "7".repeat(64)),
            Resources.version(THERE, "9"))) {
      api.put(resource);
    }
    api.post("/api/v1/apply", SampleManifests.route("default", THERE, "public-" + THERE, THERE));
    var _ =
        api.store.commit(
            List.of(
                new Write.Put(
                    Resources.rollout(THERE, 1, "chat@1", "chat@2"), OptionalLong.empty())),
            new AuditDraft("test", "", "", "test", "", "allowed", ""));
    api.faults.now.add(Resources.fault(THERE));
    for (Row row : TABLE.values()) {
      if (row.method().equals("GET")
          && row.named()
          && !row.path().contains("/replicas/")
          && !row.path().contains("/requests/")) {
        assertThat(api.get(filled(row, THERE)).status()).as(row.key()).isEqualTo(200);
      }
    }
    api.replicas.add(
        new ReplicaView(
            THERE,
            "default",
            THERE,
            VersionRef.parse("chat@1").orElseThrow(),
            "local",
            ReplicaState.READY,
            Optional.empty(),
            Optional.empty(),
            0,
            Instant.EPOCH,
            Optional.empty(),
            ""));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void every_route_has_a_line_in_the_table_and_every_line_a_route() {
    Set<String> published = new TreeSet<>();
    JsonNode paths = api.get("/api/v1/openapi.json").json().path("paths");
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        published.add(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
      }
    }
    assertThat(published)
        .as("add a line to AccessTable for each new route")
        .containsExactlyInAnyOrderElementsOf(TABLE.keySet());
  }

  @Test
  void every_route_answers_every_caller_as_the_table_says() {
    List<String> wrong = new ArrayList<>();
    List<Caller> callers = callers();
    for (Row row : TABLE.values()) {
      String path = filled(row, NOT_THERE);
      for (Caller caller : callers) {
        int status = status(row, path, caller);
        if (!caller.expects(row, status)) {
          wrong.add(row.key() + " for " + caller.who() + " answered " + status);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(TABLE.size() * callers.size()).isGreaterThan(1_500);
  }

  @Test
  void whether_it_exists_is_the_same_answer_to_all_who_may_not_look() {
    List<String> told = new ArrayList<>();
    int compared = 0;
    for (Caller caller : callers()) {
      for (Row row : TABLE.values()) {
        if (!row.named() || row.streams() || caller.mayLook(row)) {
          continue;
        }
        Reply there = call(row, filled(row, THERE), caller);
        Reply notThere = call(row, filled(row, NOT_THERE), caller);
        if (!there.text().replace(THERE, NOT_THERE).equals(notThere.text())
            || there.status() != notThere.status()) {
          told.add(row.key() + " tells " + caller.who() + ": " + there + " / " + notThere);
        }
        compared++;
      }
    }
    assertThat(told).isEmpty();
    assertThat(compared).isGreaterThan(600);
  }

  /// What is refused for a reason inside the body must not tell either.
  @Test
  void nothing_in_a_body_finds_out_what_exists_elsewhere() {
    String dora = api.account("dora", Role.DEPLOYER, "other");
    String adam = api.account("adam", Role.ADMIN, "other");
    String vera = api.account("vera", Role.VIEWER, "other");
    String model = SampleManifests.model("default", "ZZ");
    String service = SampleManifests.service("other", "x", "ZZ@1", 1);
    String binding = SampleManifests.binding("other", "x", "ZZ", "viewer", false);
    for (String path : List.of("/api/v1/apply", "/api/v1/apply?dryRun=true", "/api/v1/plan")) {
      assertSame(dora, "POST", path, model, 403);
      assertSame(dora, "POST", path, service, 422);
      assertSame(dora, "POST", path, binding, 403);
    }
    assertSame(vera, "POST", "/api/v1/plan", binding, 403);
    assertSame(
        adam, "POST", "/api/v1/namespaces/other/apikeys/k/issue", "{\"principal\": \"ZZ\"}", 403);
  }

  /// A principal's roles are its own business: a key that would reach too far is refused without
  /// saying where to.
  @Test
  void a_refused_key_does_not_tell_the_roles_of_its_principal() {
    String adam = api.account("adam", Role.ADMIN, "other");
    api.account("olga", Role.DEPLOYER, "secret-project");
    Reply reply =
        api.call(
            "POST", "/api/v1/namespaces/other/apikeys/k/issue", adam, "{\"principal\": \"olga\"}");
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.text()).doesNotContain("secret-project").doesNotContain("deployer");
  }

  @Test
  void views_watch_and_pages_show_a_stranger_nothing() throws Exception {
    String stranger = api.account("stranger", Role.ADMIN, "other");
    assertThat(api.call("GET", "/api/v1/replicas", stranger, "").json().path("items")).isEmpty();
    assertThat(api.call("GET", "/api/v1/audit", stranger, "").status()).isEqualTo(403);
    api.post("/api/v1/apply", SampleManifests.model("default", "second"));
    String token =
        api.get("/api/v1/namespaces/default/models?limit=1").json().path("continue").asString();
    String list = "/api/v1/namespaces/other/models?continue=";
    Reply foreign = api.call("GET", list + token, stranger, "");
    Reply made = api.call("GET", list + "0123456789abcdef0123456789abcdef.1", stranger, "");
    assertThat(foreign.status()).isEqualTo(made.status()).isEqualTo(410);
    assertThat(foreign.json().path("detail")).isEqualTo(made.json().path("detail"));
    try (EventReader events = api.events("/api/v1/watch?after=0", stranger)) {
      api.put(Resources.model("hidden"));
      api.post("/api/v1/apply", SampleManifests.model("other", "shown"));
      List<String> seen = new ArrayList<>();
      while (!seen.contains("shown")) {
        EventReader.Event event = events.next().orElseThrow();
        boolean own = event.data().path("metadata").path("namespace").asString("").equals("other");
        Kind kind = Kind.named(event.data().path("kind").asString()).orElseThrow();
        assertThat(own || kind.scope() == Kind.Scope.SHARED).as(event.toString()).isTrue();
        seen.add(event.resourceName());
      }
    }
  }

  @Test
  void an_unknown_path_is_told_only_to_those_with_a_key() {
    assertThat(api.call("GET", "/api/v1/nothing", "", "").status()).isEqualTo(401);
    assertThat(api.get("/api/v1/nothing").status()).isEqualTo(404);
    Reply wrongMethod = api.call("PATCH", "/api/v1/targets/local", api.adminKey, "{}");
    assertThat(wrongMethod.status()).isEqualTo(405);
    assertThat(wrongMethod.header("Allow")).isEqualTo("DELETE, GET, PUT");
  }

  /// @param body `ZZ` stands for what exists elsewhere, or does not
  private void assertSame(String key, String method, String path, String body, int status) {
    String id = "same";
    Reply there = api.call(method, path, key, body.replace("ZZ", THERE), "x-request-id", id);
    Reply notThere = api.call(method, path, key, body.replace("ZZ", NOT_THERE), "x-request-id", id);
    assertThat(there.status()).as(path + there.text()).isEqualTo(status);
    assertThat(there.text().replace(THERE, NOT_THERE)).as(path).isEqualTo(notThere.text());
  }

  private int status(Row row, String path, Caller caller) {
    if (!row.streams()) {
      return call(row, path, caller).status();
    }
    try (EventReader events = api.events(path, caller.key())) {
      return events.status;
    } catch (Exception e) {
      throw new IllegalStateException(row.key(), e);
    }
  }

  private Reply call(Row row, String path, Caller caller) {
    return api.call(row.method(), path, caller.key(), "", "x-request-id", "fixed");
  }

  private static String filled(Row row, String name) {
    String version = row.path().contains("/modelversions/") ? "-9" : "";
    String number = row.path().contains("/rollouts/") ? "-1" : "";
    return row.path()
        .replace("{namespace}", "default")
        .replaceAll("\\{[a-z]+}", name + version + number);
  }

  /// Somebody who calls.
  ///
  /// @param known whether the key is good
  /// @param may which rows the table allows them
  private record Caller(String who, String key, boolean known, boolean reads, Predicate<Row> may) {
    static Caller nobody(String who, String key) {
      return new Caller(who, key, false, false, _ -> false);
    }

    boolean expects(Row row, int status) {
      if (row.open() || (known && may.test(row))) {
        return status != 401 && status != 403 && status < 500;
      }
      return status == (known ? 403 : 401);
    }

    /// Whether they may know of what stands in namespace `default`, or in all, for global kinds.
    boolean mayLook(Row row) {
      Row reading = TABLE.get("GET " + row.path().replaceAll("\\{name}.*", "{name}"));
      return known && (reading == null ? reads : may.test(reading));
    }
  }

  private List<Caller> callers() {
    List<Caller> callers = new ArrayList<>();
    Set<Role> readers = AccessTable.roles("read");
    for (Role role : Role.values()) {
      boolean reads = readers.contains(role);
      String all = api.account(role.text() + "-all", role, "*");
      callers.add(
          new Caller(role + " of all", all, true, reads, row -> row.allowsEverywhere(role)));
      if (role == Role.GATEWAY) {
        continue; // a binding to one namespace is refused
      }
      String here = api.account(role.text() + "-here", role, "default");
      String other = api.account(role.text() + "-other", role, "other");
      callers.add(
          new Caller(role + " of default", here, true, reads, row -> row.allows(role, true)));
      callers.add(
          new Caller(role + " of other", other, true, false, row -> row.allows(role, false)));
    }
    String good = api.account("known", Role.ADMIN, "*");
    callers.add(Caller.nobody("no key", ""));
    callers.add(Caller.nobody("an unknown key", Keys.PREFIX + "x".repeat(43)));
    callers.add(Caller.nobody("a key cut short", good.substring(0, good.length() - 1)));
    callers.add(Caller.nobody("a key with something behind it", good + "x"));
    callers.add(Caller.nobody("a key in capitals", good.toUpperCase(Locale.ROOT)));
    callers.add(Caller.nobody("an endless key", "k".repeat(5_000)));
    callers.add(Caller.nobody("a key's hash", Keys.hash(good)));
    callers.add(Caller.nobody("a revoked key", key("revoked", Optional.empty(), true, false)));
    Instant soon = api.clock.instant().plusSeconds(60);
    callers.add(Caller.nobody("an expired key", key("expired", Optional.of(soon), false, false)));
    api.clock.advance(Duration.ofSeconds(60));
    callers.add(
        Caller.nobody("a disabled principal", key("disabled", Optional.empty(), false, true)));
    String unbound = key("unbound", Optional.empty(), false, false);
    callers.add(
        new Caller(
            "an unbound principal", unbound, true, false, row -> row.where() == Where.NOWHERE));
    return callers;
  }

  /// A key of a principal that holds no role, or of one that is an administrator of everything when
  /// the key itself is useless.
  private String key(String name, Optional<Instant> end, boolean revoked, boolean disabled) {
    boolean useless = end.isPresent() || revoked || disabled;
    String key = Keys.PREFIX + name + "_".repeat(43 - name.length());
    if (useless) {
      api.account(name, Role.ADMIN, "*");
    }
    api.put(
        new Principal(
            Metadata.of("", name),
            new PrincipalSpec(PrincipalType.USER, Optional.empty(), Optional.empty(), disabled),
            new NoStatus()));
    api.put(
        new ApiKey(
            Metadata.of("default", name),
            new ApiKeySpec(name, Keys.hash(key), Keys.hint(key), end, List.of(), false, revoked),
            new NoStatus()));
    return key;
  }
}
