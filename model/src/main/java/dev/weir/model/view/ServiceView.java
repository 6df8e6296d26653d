// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.status.Fault;
import dev.weir.model.value.Default;
import dev.weir.model.value.Text;
import dev.weir.model.value.VersionRef;
import java.util.List;
import java.util.Optional;

/// The current state of a Service, as `weir get services` shows it.
///
/// @param version the version that serves; empty before the first
/// @param ready replicas of that version that currently receive requests
/// @param wanted desired replicas of that version
/// @param reason one line: what is missing and why, and injected faults; empty if there is nothing
///   to report
/// @param faults currently injected faults
/// @param outOfSync why the Service serves another version than its spec names, and what to do;
///   empty if it serves that version or a release of it is in progress
public record ServiceView(
    String name,
    String namespace,
    Optional<VersionRef> version,
    ServingState state,
    int ready,
    int wanted,
    String reason,
    @Default("[]") List<Fault> faults,
    @Default("") String outOfSync) {
  public ServiceView {
    faults = List.copyOf(faults);
  }

  /// A view without injected faults.
  public ServiceView(
      String name,
      String namespace,
      Optional<VersionRef> version,
      ServingState state,
      int ready,
      int wanted,
      String reason) {
    this(name, namespace, version, state, ready, wanted, reason, List.of(), "");
  }

  /// Whether clients are served.
  public enum ServingState implements Text {
    /// No version has served yet.
    STARTING("Starting"),
    /// All wanted replicas are ready.
    SERVING("Serving"),
    /// Some wanted replicas are ready.
    DEGRADED("Degraded"),
    /// No replica is ready: requests get status 503.
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
