// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.api.ApiHarness.Reply;
import dev.weir.control.operations.FaultOperations.Result;
import dev.weir.model.Resources;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.status.Fault;
import dev.weir.model.value.Problem;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.FaultAnswer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultCallsTest {
  private static final String FAULTS = "/api/v1/namespaces/default/faults";
  private static final Fault CUT = Resources.fault("chat-flt-41");

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
  void a_fault_is_injected_listed_and_cleared() {
    api.faults.next = new Result.Done(new FaultAnswer("it cuts", List.of(CUT)));
    Reply injected =
        api.post(
            FAULTS + "?reason=game%20day",
            "{\"target\": \"chat\", \"kind\": \"cut\", \"after\": 10, \"share\": \"20%\"}");
    assertThat(injected.status()).isEqualTo(201);
    assertThat(injected.json().path("message").asString()).isEqualTo("it cuts");
    assertThat(injected.json().at("/faults/0/name").asString()).isEqualTo("chat-flt-41");

    api.faults.now.add(CUT);
    assertThat(api.get(FAULTS).json().at("/items/0/share").asString()).isEqualTo("20%");
    assertThat(api.get(FAULTS + "/chat-flt-41").json().path("kind").asString()).isEqualTo("cut");
    assertThat(api.get(FAULTS + "/other").status()).isEqualTo(404);

    assertThat(api.delete(FAULTS + "/chat-flt-41").status()).isEqualTo(200);
    assertThat(api.delete(FAULTS + "?reason=over").status()).isEqualTo(200);
    api.faults.next = new Result.NotFound();
    assertThat(api.delete(FAULTS + "/chat-flt-41").status()).isEqualTo(404);
    assertThat(api.faults.calls)
        .containsExactly(
            "inject cut at chat in default by admin (real: true): game day",
            "clear chat-flt-41 in default: ",
            "clear all in default: over",
            "clear chat-flt-41 in default: ");
  }

  @Test
  void the_same_post_twice_injects_once() {
    String body = "{\"target\": \"chat\", \"kind\": \"error\"}";
    for (int i = 0; i < 2; i++) {
      assertThat(api.post(FAULTS, body, "Idempotency-Key", "k1").status()).isEqualTo(201);
    }
    assertThat(api.faults.calls).hasSize(1);
  }

  @Test
  void bad_input_is_named_field_by_field() {
    assertThat(refused("{}"))
        .contains(
            "target is required: text",
            "kind is required: one of error, delay, stall, cut, health");
    assertThat(refused(fault("cut", ", \"after\": -1, \"share\": \"120%\"")))
        .contains("after must be from 0 to 1000000", "share must be at most 100%");
    assertThat(refused(fault("error", ", \"status\": 404, \"duration\": \"2h\"")))
        .contains("status must be 429, or from 500 to 599")
        .anyMatch(error -> error.startsWith("duration must be longer than 0s and at most 1h"));
    assertThat(
            refused(
                fault("error", ", \"after\": 3, \"delay\": \"1s\", \"probeResult\": \"ready\"")))
        .contains(
            "after must be left out: it is for kind cut, stall, not error",
            "delay must be left out: it is for kind delay, not error",
            "probeResult must be left out: it is for kind health, not error");
    assertThat(refused(fault("health", ", \"probeResult\": \"unready\", \"share\": \"20%\"")))
        .anyMatch(error -> error.startsWith("share must be left out"));
    assertThat(refused(fault("explode", ""))).anyMatch(error -> error.startsWith("kind must be"));
    assertThat(refused(fault("cut", ", \"surprise\": 1")))
        .anyMatch(error -> error.startsWith("surprise"));
    assertThat(refused(fault("cut", ", \"share\": \"0%\""))).contains("share must be above 0%");
    assertThat(api.faults.calls).isEmpty();
  }

  private static String fault(String kind, String more) {
    return "{\"target\": \"chat\", \"kind\": \"%s\"%s}".formatted(kind, more);
  }

  private List<String> refused(String body) {
    Reply reply = api.post(FAULTS, body);
    assertThat(reply.status()).as(reply.text()).isEqualTo(422);
    return reply.errors();
  }

  @Test
  void each_way_of_refusing_has_its_status() {
    api.faults.next =
        new Result.Invalid(new Problem("target", "chatt", "must be a Service or a replica"));
    assertThat(refused(fault("cut", ""))).containsExactly("target must be a Service or a replica");
    api.faults.next = new Result.Refused("too many");
    assertThat(api.post(FAULTS, fault("cut", "")).status()).isEqualTo(409);
    api.faults.next = new Result.Forbidden("needs the role admin");
    Reply reply = api.post(FAULTS, fault("cut", ""));
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.json().path("detail").asString()).isEqualTo("admin needs the role admin");
    assertThat(api.store.audit(0, 1_000).getLast())
        .as("a denial is audited")
        .extracting(AuditEntry::outcome)
        .isEqualTo("denied");
  }

  @Test
  void only_administrators_of_the_namespace_may_strike_what_is_real() {
    for (Role role : Role.values()) {
      String key = api.account("a-" + role.text(), role, role == Role.GATEWAY ? "*" : "default");
      Reply reply = api.call("POST", FAULTS, key, fault("cut", ""));
      boolean deploys = role == Role.DEPLOYER || role == Role.ADMIN;
      assertThat(reply.status()).as(role.text()).isEqualTo(deploys ? 201 : 403);
    }
    String elsewhere = api.account("elsewhere", Role.ADMIN, "other");
    assertThat(api.call("POST", FAULTS, elsewhere, fault("cut", "")).status()).isEqualTo(403);
    assertThat(api.faults.calls)
        .containsExactlyInAnyOrder(
            "inject cut at chat in default by a-deployer (real: false): ",
            "inject cut at chat in default by a-admin (real: true): ");
  }
}
