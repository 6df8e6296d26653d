// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import java.util.Locale;

/// The key of one piece of work of the control plane. The work queue runs each key at most once at
/// a time.
public sealed interface WorkKey {

  /// Work for the whole fleet. Each constant is one key.
  enum FleetWork implements WorkKey {
    /// Wakes the publication and the Services whose inputs changed.
    CHANGED,
    /// Compiles and publishes the routing snapshot.
    PUBLICATION,
    /// Checks which gateways do not serve the published snapshot.
    WATCHDOG,
    /// Evaluates alert conditions.
    ALERTS,
    /// Deletes expired observations and saves state that is only written periodically.
    HOUSEKEEPING;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Reconciles one Service, or the replicas that remain after its deletion.
  record ServiceWork(String namespace, String name) implements WorkKey {
    @Override
    public String toString() {
      return "service " + namespace + "/" + name;
    }
  }
}
