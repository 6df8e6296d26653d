// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.RefersTo;
import dev.weir.model.value.Text;

/// @param principal the Principal that gets the role
/// @param allNamespaces whether the role applies to all namespaces and to global kinds; only an
///   administrator of all namespaces may grant this
public record RoleBindingSpec(
    @RefersTo(Kind.PRINCIPAL) String principal,
    Role role,
    @Default("false") boolean allNamespaces) {
  /// What a principal may do.
  public enum Role implements Text {
    /// Reads everything except secrets.
    VIEWER("viewer"),
    /// Like viewer; also changes models, services, routes and rollouts.
    DEPLOYER("deployer"),
    /// Like viewer; also approves.
    APPROVER("approver"),
    /// Everything.
    ADMIN("admin"),
    /// Calls models through the gateway.
    INFERENCE("inference"),
    /// For gateways: reads snapshots and sends telemetry.
    GATEWAY("gateway");

    private final String text;

    Role(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
