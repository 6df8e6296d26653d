// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.List;
import java.util.Optional;

/// How a Service serves at this moment, as `weir get services` shows it.
///
/// @param version the one that serves; empty before the first
/// @param ready replicas of that version that get requests now
/// @param wanted replicas of that version that there should be
/// @param reason one line: what is missing and why, and what is injected; empty while nothing is
/// @param faults that are injected now
public record ServiceView(
    String name,
    String namespace,
    Optional<VersionRef> version,
    ServingState state,
    int ready,
    int wanted,
    String reason,
    @Default("[]") List<Fault> faults) {
  public ServiceView {
    faults = List.copyOf(faults);
  }

  /// One without injected faults.
  public ServiceView(
      String name,
      String namespace,
      Optional<VersionRef> version,
      ServingState state,
      int ready,
      int wanted,
      String reason) {
    this(name, namespace, version, state, ready, wanted, reason, List.of());
  }

  /// Whether clients are served.
  public enum ServingState implements Text {
    /// No version of it ever served.
    STARTING("Starting"),
    /// All wanted replicas are ready.
    SERVING("Serving"),
    /// Some wanted replicas are ready.
    DEGRADED("Degraded"),
    /// None is ready: requests are answered with 503.
    DOWN("Down");

    private final String text;

    ServingState(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
