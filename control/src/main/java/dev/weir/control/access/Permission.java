// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.model.Kind;
import dev.weir.model.RoleBindingSpec.Role;

/// A permission that a role grants.
public enum Permission {
  /// Look at resources and what is observed.
  READ,
  /// Change models, versions, services, routes; command rollouts.
  DEPLOY,
  /// Inject faults into replicas that serve real requests.
  DISTURB,
  /// Let a release begin or go on in spite of freezes, limits and order.
  OVERRIDE,
  /// Change who may do what, and the global kinds.
  ADMINISTER,
  /// Be a gateway: snapshots out, telemetry in.
  LINK;

  /// Whether a role includes it. An administrator is not a gateway: forged telemetry could promote
  /// a bad version.
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
      case DISTURB, OVERRIDE, ADMINISTER -> role == Role.ADMIN;
      case LINK -> role == Role.GATEWAY;
    };
  }

  /// What writing a resource of the kind asks for.
  public static Permission writing(Kind kind) {
    return switch (kind) {
      case MODEL, MODEL_VERSION, SERVICE, ROLLOUT, ROUTE -> DEPLOY;
      case TARGET, PRINCIPAL, ROLE_BINDING, API_KEY, ALERT_CHANNEL, POLICY -> ADMINISTER;
    };
  }
}
