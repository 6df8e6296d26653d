// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import java.util.function.Supplier;

/// Where people read on: the control API's page of what an alert is about.
///
/// @param base of the control API, as others reach it; empty while it is not known
record AlertLinks(Supplier<String> base) {
  String to(Alert alert) {
    String at = base.get();
    if (at.isEmpty()) {
      return "";
    }
    if (alert.namespace().isEmpty()) {
      return at + "/api/v1/gateways";
    }
    String namespace = at + "/api/v1/namespaces/" + alert.namespace();
    return alert.rollout().isEmpty()
        ? namespace + "/services/" + alert.service()
        : namespace + "/rollouts/" + alert.rollout() + "/evidence";
  }
}
