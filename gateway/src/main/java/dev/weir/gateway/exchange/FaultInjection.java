// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.RoutingSnapshot.FaultEntry;

/// A fault to inject into one attempt, and whether it took effect: an answer of three events is not
/// cut after ten. Event loop only.
public final class FaultInjection {
  private final FaultEntry fault;
  private boolean struck;

  public FaultInjection(FaultEntry fault) {
    this.fault = fault;
  }

  public FaultEntry fault() {
    return fault;
  }

  /// It comes to pass.
  public void inject() {
    struck = true;
  }

  public boolean injected() {
    return struck;
  }

  /// `injected fault chat-flt-41: cut after 10 events`.
  public String describe() {
    return "injected fault " + fault.name() + ": " + fault.effect();
  }
}
