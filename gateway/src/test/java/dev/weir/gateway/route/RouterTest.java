// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.Ceilings;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.Rule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RouterTest {
  private static final List<Backend> SMALL = List.of(new Backend("default/small", 1));
  private static final List<Backend> SEARCH = List.of(new Backend("default/search", 1));
  private static final List<Backend> GOLD = List.of(new Backend("default/gold", 1));
  private static final RouteEntry ROUTE =
      new RouteEntry(
          "gpt",
          "default",
          SMALL,
          "chat",
          List.of(
              new Rule(Map.of("x-team", "search", "x-stage", "prod"), List.of(), SEARCH),
              new Rule(Map.of(), List.of("gold", "platinum"), GOLD),
              new Rule(Map.of("x-team", "search"), List.of("default"), GOLD)),
          List.of(),
          List.of(),
          Ceilings.NONE);

  private static KeyEntry key(String tenant, String... models) {
    return new KeyEntry("h", "app", tenant, Long.MAX_VALUE, List.of(models), false);
  }

  private static List<Backend> chosen(String tenant, Map<String, String> headers) {
    return Router.backends(
        ROUTE, new RequestOrigin(key(tenant), name -> Optional.ofNullable(headers.get(name))));
  }

  @Test
  void the_first_matching_rule_wins_and_without_one_the_backends_of_the_route_apply() {
    assertThat(chosen("default", Map.of())).isEqualTo(SMALL);
    assertThat(chosen("gold", Map.of())).isEqualTo(GOLD);
    assertThat(chosen("gold", Map.of("x-team", "search", "x-stage", "prod"))).isEqualTo(SEARCH);
    assertThat(chosen("default", Map.of("x-team", "search"))).isEqualTo(GOLD);
    assertThat(chosen("default", Map.of("x-team", "Search"))).isEqualTo(SMALL);
    assertThat(chosen("other", Map.of("x-team", "search"))).isEqualTo(SMALL);
  }

  @Test
  void a_key_for_a_route_may_use_its_aliases_and_a_key_for_an_alias_only_that_alias() {
    assertThat(Router.mayUse(key("default"), ROUTE)).isTrue();
    assertThat(Router.mayUse(key("other"), ROUTE)).isFalse();
    assertThat(Router.mayUse(key("other", "chat"), ROUTE)).isTrue();
    assertThat(Router.mayUse(key("other", "gpt"), ROUTE)).isTrue();
    assertThat(Router.mayUse(key("other", "gpt"), ROUTE.withAlias("chat"))).isFalse();
  }
}
