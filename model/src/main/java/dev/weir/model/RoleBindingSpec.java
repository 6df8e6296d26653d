// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// @param principal the Principal that gets the role
/// @param allNamespaces true: everywhere, global kinds included; only an administrator of
///   everything may grant that
public record RoleBindingSpec(
    String principal, Role role, @Default("false") boolean allNamespaces) {
  /// What a principal may do.
  public enum Role implements Text {
    /// Reads everything but secrets.
    VIEWER("viewer"),
    /// Viewer, and changes models, services, routes and rollouts.
    DEPLOYER("deployer"),
    /// Viewer, and approves.
    APPROVER("approver"),
    /// Everything.
    ADMIN("admin"),
    /// Calls models through the gateway.
    INFERENCE("inference"),
    /// Is a gateway: reads snapshots, sends telemetry.
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
