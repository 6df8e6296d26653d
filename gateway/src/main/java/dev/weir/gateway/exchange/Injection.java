// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.RoutingSnapshot.FaultEntry;

/// A fault that one attempt is to have, and whether it came to that: an answer of three events is
/// not cut after ten. Event loop only.
public final class Injection {
  private final FaultEntry fault;
  private boolean struck;

  public Injection(FaultEntry fault) {
    this.fault = fault;
  }

  public FaultEntry fault() {
    return fault;
  }

  /// It comes to pass.
  public void strike() {
    struck = true;
  }

  public boolean struck() {
    return struck;
  }

  /// `injected fault chat-flt-41: cut after 10 events`.
  public String told() {
    return "injected fault " + fault.name() + ": " + fault.effect();
  }
}
