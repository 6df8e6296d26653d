// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.exchange.Failure;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The replicas that one request was sent to on its present version, and how each attempt that
/// failed did.
final class TriedReplicas {
  private static final int MOST_NAMED = 5;

  private final Map<String, String> causes = new LinkedHashMap<>();
  private boolean allUnreachable = true;

  void attempt(String replica) {
    causes.put(replica, "no answer yet");
  }

  void failed(String replica, Failure failure) {
    causes.put(replica, failure.message());
    allUnreachable &= failure.kind().unreachable();
  }

  Set<String> names() {
    return causes.keySet();
  }

  void clear() {
    causes.clear();
    allUnreachable = true;
  }

  /// What the client is told at the end. When no replica could be reached that is no bad answer of
  /// one of them but a version out of service, for as long as replacing them takes.
  ///
  /// @param all replicas that the version has in the picture
  Failure last(Failure failure, String version, int all) {
    if (causes.isEmpty() || !allUnreachable || !failure.kind().unreachable()) {
      return failure;
    }
    String named =
        causes.entrySet().stream()
            .limit(MOST_NAMED)
            .map(cause -> cause.getKey() + ": " + cause.getValue())
            .collect(Collectors.joining("; "));
    return new Failure(
        Failure.Kind.NO_REPLICA,
        ("no replica of %s can be reached now, %d of %d tried (%s);"
                + " they are being replaced, try again")
            .formatted(version, causes.size(), all, named));
  }
}
