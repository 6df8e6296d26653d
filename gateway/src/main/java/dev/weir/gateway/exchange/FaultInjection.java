// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.RoutingSnapshot.FaultEntry;

/// A fault to inject into one attempt, and whether it took effect: for example, an answer of three
/// events cannot be cut after ten. Event loop only.
public final class FaultInjection {
  private final FaultEntry fault;
  private boolean injected;

  public FaultInjection(FaultEntry fault) {
    this.fault = fault;
  }

  public FaultEntry fault() {
    return fault;
  }

  /// Records that the fault took effect.
  public void inject() {
    injected = true;
  }

  public boolean injected() {
    return injected;
  }

  /// For example `injected fault chat-flt-41: cut after 10 events`.
  public String describe() {
    return "injected fault " + fault.name() + ": " + fault.effect();
  }
}
