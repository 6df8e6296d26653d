// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.api.ApiHarness.Reply;
import dev.weir.model.RoleBindingSpec.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Every route of the published document against every role: the expectation is written down here
/// by itself, so that a right that slips in shows.
class AccessTableTest {
  private static final Set<Role> READERS =
      Set.of(Role.VIEWER, Role.DEPLOYER, Role.APPROVER, Role.ADMIN);
  private static final Set<Role> DEPLOYERS = Set.of(Role.DEPLOYER, Role.ADMIN);
  private static final Set<Role> ADMINS = Set.of(Role.ADMIN);
  private static final Set<String> GUARDED =
      Set.of("targets", "principals", "rolebindings", "apikeys");

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
  void every_route_answers_every_role_as_the_table_says() {
    Map<Role, String> everywhere = new LinkedHashMap<>();
    Map<Role, String> elsewhere = new LinkedHashMap<>();
    for (Role role : Role.values()) {
      everywhere.put(role, api.account(role.text() + "-all", role, "*"));
      elsewhere.put(role, api.account(role.text() + "-other", role, "other"));
    }
    List<String> wrong = new ArrayList<>();
    int checked = 0;
    for (Operation operation : operations()) {
      if (operation.open()) {
        check(wrong, operation, "nobody", "", true);
        continue;
      }
      check(wrong, operation, "nobody", "", false);
      for (Role role : Role.values()) {
        boolean allowed = operation.allowedTo().contains(role);
        check(wrong, operation, role + " everywhere", everywhere.getOrDefault(role, ""), allowed);
        boolean inOther = allowed && operation.anywhere();
        check(
            wrong,
            operation,
            role + " in another namespace",
            elsewhere.getOrDefault(role, ""),
            inOther);
        checked += 2;
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(checked).isGreaterThan(500);
  }

  @Test
  void a_caller_without_the_right_cannot_tell_whether_a_resource_exists() {
    api.post("/api/v1/apply", Samples.chat());
    String stranger = api.account("stranger", Role.ADMIN, "other");
    int compared = 0;
    for (Operation operation : operations()) {
      if (!operation.path().contains("/namespaces/{namespace}/")
          || !operation.path().contains("{name}")) {
        continue;
      }
      String there = operation.path().replace("{namespace}", "default").replace("{name}", "chat");
      String notThere = there.replace("/chat", "/none");
      Reply one = api.call(operation.method(), there, stranger, "");
      Reply other = api.call(operation.method(), notThere, stranger, "");
      assertThat(one.status()).as(operation.toString()).isEqualTo(403);
      assertThat(other.status()).as(operation.toString()).isEqualTo(403);
      assertThat(one.json().path("detail")).isEqualTo(other.json().path("detail"));
      compared++;
    }
    assertThat(compared).isGreaterThan(25);
  }

  @Test
  void an_unknown_path_is_told_only_to_those_with_a_key() {
    assertThat(api.call("GET", "/api/v1/nothing", "", "").status()).isEqualTo(401);
    assertThat(api.get("/api/v1/nothing").status()).isEqualTo(404);
    Reply wrongMethod = api.call("PATCH", "/api/v1/targets/local", api.adminKey, "{}");
    assertThat(wrongMethod.status()).isEqualTo(405);
    assertThat(wrongMethod.header("Allow")).isEqualTo("DELETE, GET, PUT");
  }

  private void check(
      List<String> wrong, Operation operation, String who, String key, boolean allowed) {
    String path =
        operation.path().replace("{namespace}", "default").replace("{name}", "no-such-thing");
    if (operation.streams() && allowed) {
      try (EventReader events = api.events(path, key)) {
        expect(wrong, operation, who, events.status, true);
      } catch (Exception e) {
        wrong.add(operation + " for " + who + ": " + e);
      }
      return;
    }
    expect(wrong, operation, who, api.call(operation.method(), path, key, "").status(), allowed);
  }

  private static void expect(
      List<String> wrong, Operation operation, String who, int status, boolean allowed) {
    int denied = who.equals("nobody") ? 401 : 403;
    boolean right = allowed ? status != 401 && status != 403 && status < 500 : status == denied;
    if (!right) {
      wrong.add(operation + " for " + who + " answered " + status);
    }
  }

  private List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    JsonNode paths = api.get("/api/v1/openapi.json").json().path("paths");
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        operations.add(
            new Operation(method.getKey().toUpperCase(java.util.Locale.ROOT), path.getKey()));
      }
    }
    assertThat(operations).hasSizeGreaterThan(60);
    return operations;
  }

  private record Operation(String method, String path) {
    boolean open() {
      return Set.of("/health", "/ready", "/metrics").contains(path);
    }

    boolean streams() {
      return path.endsWith("/watch") || path.endsWith("/snapshots");
    }

    /// Whether a role in any namespace at all will do.
    boolean anywhere() {
      return Set.of(
                  "/api/v1/apply",
                  "/api/v1/plan",
                  "/api/v1/replicas",
                  "/api/v1/serving",
                  "/api/v1/gateways",
                  "/api/v1/watch",
                  "/api/v1/whoami",
                  "/api/v1/openapi.json")
              .contains(path)
          || (method.equals("GET") && path.startsWith("/api/v1/targets"));
    }

    Set<Role> allowedTo() {
      if (path.equals("/api/v1/whoami")) {
        return Set.of(Role.values());
      }
      if (path.equals("/api/v1/backup")) {
        return ADMINS;
      }
      if (path.startsWith("/internal/")) {
        return Set.of(Role.GATEWAY);
      }
      if (path.endsWith("/logs")) {
        return DEPLOYERS; // prompts may be in there
      }
      if (method.equals("GET") || path.equals("/api/v1/plan")) {
        return READERS;
      }
      return GUARDED.stream().anyMatch(k -> path.contains("/" + k + "/")) ? ADMINS : DEPLOYERS;
    }
  }
}
