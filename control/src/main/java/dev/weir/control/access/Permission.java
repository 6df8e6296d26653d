// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;

/// A permission that a role grants.
public enum Permission {
  /// Read resources and observations.
  READ,
  /// Change models, versions, services, routes; command rollouts.
  DEPLOY,
  /// Inject faults into replicas that serve real requests.
  INJECT_FAULTS,
  /// Start or continue a release despite freezes, limits and order.
  OVERRIDE,
  /// Change principals, keys and bindings, and the global kinds.
  ADMINISTER,
  /// Act as a gateway: receive snapshots, send telemetry.
  LINK;

  /// What it allows, as the rest of a sentence.
  public String meaning() {
    return switch (this) {
      case READ -> "read resources and what is observed";
      case DEPLOY ->
          "change models, versions, services and routes, and control rollouts and replicas";
      case INJECT_FAULTS -> "inject faults into replicas that serve real requests";
      case OVERRIDE -> "start or continue a release despite freezes, limits and order";
      case ADMINISTER ->
          "change access, targets, policies and alert channels, and back up the store";
      case LINK -> "connect as a gateway: receive snapshots and send telemetry";
    };
  }

  /// Whether a role includes it. An administrator is not a gateway: forged telemetry could promote
  /// a faulty version.
  public boolean grantedBy(Role role) {
    return switch (this) {
      case READ ->
          switch (role) {
            case VIEWER, DEPLOYER, APPROVER, ADMIN -> true;
            case INFERENCE, GATEWAY -> false;
          };
      case DEPLOY ->
          switch (role) {
            case DEPLOYER, ADMIN -> true;
            case VIEWER, APPROVER, INFERENCE, GATEWAY -> false;
          };
      case INJECT_FAULTS, OVERRIDE, ADMINISTER -> role == Role.ADMIN;
      case LINK -> role == Role.GATEWAY;
    };
  }

  /// The permission that writing a resource of the kind needs.
  public static Permission writing(Kind kind) {
    return switch (kind.writers()) {
      case DEPLOYERS -> DEPLOY;
      case ADMINISTRATORS -> ADMINISTER;
    };
  }
}
