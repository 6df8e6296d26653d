// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.HeaderView;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import dev.weir.snapshot.RoutingSnapshot.Priority;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestOptionsTest {
  private static Priority granted(Priority highest, String... requested) {
    KeyEntry key = new KeyEntry("k", "app", "acme", 1, List.of(), false, Limits.NONE, highest);
    HeaderView headers =
        name ->
            name.equals("x-weir-priority")
                ? List.of(requested).stream().findFirst()
                : Optional.empty();
    return switch (RequestOptions.read(headers, key, new RouteEntry("chat", "acme", List.of()))) {
      case RequestOptions.Result.Granted(RequestOptions requestOptions) ->
          requestOptions.priority();
      case RequestOptions.Result.Refused refused ->
          throw new AssertionError(refused.failure().message());
    };
  }

  @Test
  void a_request_has_the_priority_of_its_key_and_may_lower_but_never_raise_it() {
    assertThat(granted(Priority.HIGH)).isEqualTo(Priority.HIGH);
    assertThat(granted(Priority.HIGH, "low")).isEqualTo(Priority.LOW);
    assertThat(granted(Priority.NORMAL, "high")).isEqualTo(Priority.NORMAL);
    assertThat(granted(Priority.LOW, "normal")).isEqualTo(Priority.LOW);
  }
}
