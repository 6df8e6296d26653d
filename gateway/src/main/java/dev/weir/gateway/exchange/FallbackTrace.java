// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.RoutingSnapshot.Cause;
import java.util.List;
import java.util.stream.Collectors;

/// The causes of a request's fallbacks from one service to another, in order.
///
/// @param route model name of the route that configures them
/// @param causes one for each service after the first; usually empty
public record FallbackTrace(String route, List<Cause> causes) {
  public FallbackTrace {
    causes = List.copyOf(causes);
  }

  public boolean any() {
    return !causes.isEmpty();
  }

  /// The causes as in manifests, such as `down, contextTooLong`.
  public String headerValue() {
    return causes.stream().map(FallbackTrace::label).collect(Collectors.joining(", "));
  }

  /// The cause as in manifests; for headers, logs and labels.
  public static String label(Cause cause) {
    return switch (cause) {
      case DOWN -> "down";
      case SATURATED -> "saturated";
      case CONTEXT_TOO_LONG -> "contextTooLong";
    };
  }
}
