// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.canary;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.snapshot.RoutingSnapshot.Audience;
import dev.weir.testkit.FakeModelServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Steps of a rollout that apply only to some callers.
class AudienceTest {
  private static final String ASK =
      "{\"model\":\"chat\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
  private static final String ANSWER =
      "{\"choices\":[{\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}";

  private final GatewayFixture weir = new GatewayFixture();
  private final FakeModelServer stable = weir.server().byDefault(json(200, ANSWER));
  private final FakeModelServer next = weir.server().byDefault(json(200, ANSWER));

  @AfterEach
  void close() {
    weir.close();
  }

  private void serve(int weightMillionths, Audience... audience) {
    weir.serve(
        service(
            arm("1", stable),
            List.of(canary(weightMillionths, next).with(List.of(audience))),
            LONG));
  }

  private String version(String... headers) throws Exception {
    return weir.chat(ASK, headers).headers().firstValue("x-weir-version").orElseThrow();
  }

  private CohortMembership membership() throws InterruptedException {
    return Memory.next(weir.recorder.arrivals).decision().membership();
  }

  @Test
  void the_weight_applies_to_the_audience_and_other_callers_are_not_compared() throws Exception {
    serve(1_000_000, new Audience(Map.of("x-beta", "yes"), List.of("default")));

    assertThat(version("X-Beta", "yes")).isEqualTo("chat@2");
    assertThat(membership()).isEqualTo(CohortMembership.COUNTED);
    assertThat(version()).isEqualTo("chat@1");
    assertThat(membership()).isEqualTo(CohortMembership.NOT_IN_AUDIENCE);
    assertThat(version("x-beta", "YES")).isEqualTo("chat@1");
    assertThat(membership()).isEqualTo(CohortMembership.NOT_IN_AUDIENCE);
    assertThat(next.drainReceived()).hasSize(1);
  }

  @Test
  void a_tenant_that_is_not_named_is_outside_and_weight_0_sends_no_member_to_the_canary()
      throws Exception {
    serve(1_000_000, new Audience(Map.of(), List.of("acme")));
    assertThat(version()).isEqualTo("chat@1");

    serve(0, new Audience(Map.of(), List.of("default")));
    assertThat(version()).isEqualTo("chat@1");
    assertThat(membership()).isEqualTo(CohortMembership.NOT_IN_AUDIENCE);
    assertThat(membership()).isEqualTo(CohortMembership.COUNTED);
    assertThat(next.accepts()).isZero();
  }

  @Test
  void a_caller_with_the_right_to_pin_may_pin_the_version_of_a_step_for_others() throws Exception {
    serve(500_000, new Audience(Map.of(), List.of("acme")));

    assertThat(version("x-weir-version", "2", "authorization", "Bearer pinning"))
        .isEqualTo("chat@2");
    assertThat(membership()).isEqualTo(CohortMembership.PINNED);
  }
}
