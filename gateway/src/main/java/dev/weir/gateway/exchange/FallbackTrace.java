// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.RoutingSnapshot.Cause;
import java.util.List;
import java.util.stream.Collectors;

/// Why a request was taken from one service to another, each time, in order.
///
/// @param route model name of the route that said so
/// @param causes one for each service that was asked after the first; mostly none
public record FallbackTrace(String route, List<Cause> causes) {
  public FallbackTrace {
    causes = List.copyOf(causes);
  }

  public boolean any() {
    return !causes.isEmpty();
  }

  /// `down, contextTooLong`: the causes as manifests write them.
  public String headerValue() {
    return causes.stream().map(FallbackTrace::word).collect(Collectors.joining(", "));
  }

  /// As manifests write it; for headers, logs and labels.
  public static String word(Cause cause) {
    return switch (cause) {
      case DOWN -> "down";
      case SATURATED -> "saturated";
      case CONTEXT_TOO_LONG -> "contextTooLong";
    };
  }
}
