// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.value.Problem;
import dev.weir.model.value.VersionRef;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class EnvironmentRulesTest {
  private static final Map<String, String> NAMES =
      Map.of("good.example", "10.0.0.1", "rebound.example", "169.254.169.254");

  private final EnvironmentRules environmentRules =
      new EnvironmentRules(
          () -> Set.of(8080, 9090),
          host -> {
            if (!NAMES.containsKey(host)) {
              throw new UnknownHostException(host);
            }
            return List.of(InetAddress.ofLiteral(NAMES.get(host)));
          });

  private static List<Resource> at(String... urls) {
    return List.of(
        Resources.service(
            "chat", new VersionRef("chat", "1"), Resources.external("there", "chat@1", urls)));
  }

  @Test
  void weirs_own_listeners_are_no_endpoints() {
    for (String url :
        List.of(
            "http://127.0.0.1:8080",
            "http://127.9.9.9:9090",
            "http://[::1]:9090",
            "http://LOCALHOST:8080",
            "dns+http://localhost:9090")) {
      assertThat(environmentRules.refusals(at("http://10.0.0.1:8080", url)))
          .as(url)
          .extracting(Problem::path)
          .containsExactly("spec.placements[0].endpoints[\"chat@1\"][1]");
    }
    assertThat(environmentRules.refusals(at("http://127.0.0.1:8000", "http://10.0.0.1:9090")))
        .isEmpty();
  }

  @Test
  void names_that_lead_nowhere_are_warned_of_and_not_refused() {
    List<Resource> set =
        at(
            "http://good.example:8000",
            "http://10.0.0.1:8000",
            "dns+http://absent.example:8000",
            "http://rebound.example:8000");
    assertThat(environmentRules.refusals(set)).isEmpty();
    assertThat(environmentRules.warnings(set))
        .satisfiesExactly(
            absent -> assertThat(absent).contains("[2]: absent.example cannot be looked up now"),
            rebound ->
                assertThat(rebound)
                    .contains("[3]: rebound.example points to the link-local or metadata address"));
  }
}
