// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The replicas of the current version that received one request.
public final class TriedReplicas {
  private static final int MAX_NAMED = 5;

  private final Set<String> names = new HashSet<>();
  private boolean allUnreachable = true;

  public void attempt(String replica) {
    names.add(replica);
  }

  public void failed(Failure failure) {
    allUnreachable &= failure.kind().unreachable();
  }

  /// The replica did not fail: it may be tried again with a different body.
  public void forget(String replica) {
    names.remove(replica);
  }

  public Set<String> names() {
    return names;
  }

  public void clear() {
    names.clear();
    allUnreachable = true;
  }

  /// The failure that the client receives. If no replica could be reached, the version is out of
  /// service until its replicas are replaced, rather than one replica having failed.
  ///
  /// @param states of all replicas that the version has in the snapshot, as text
  public Failure last(Failure failure, String version, List<String> states) {
    if (names.isEmpty() || !allUnreachable || !failure.kind().unreachable()) {
      return failure;
    }
    return new Failure(
        Failure.Kind.NO_REPLICA,
        "no replica of %s can be reached now, %d of %d tried (%s); they are being replaced, try again"
            .formatted(version, names.size(), states.size(), named(states)));
  }

  /// The failure if no replica of the version was tried.
  public static Failure none(String version, List<String> states) {
    String why =
        states.isEmpty()
            ? " has no replica that is ready; they are being started, try again"
            : " has no available replica (%s); try again".formatted(named(states));
    return new Failure(Failure.Kind.NO_REPLICA, version + why);
  }

  private static String named(List<String> states) {
    String named = String.join("; ", states.subList(0, Math.min(MAX_NAMED, states.size())));
    int more = states.size() - MAX_NAMED;
    return more > 0 ? "%s; and %d more".formatted(named, more) : named;
  }
}
