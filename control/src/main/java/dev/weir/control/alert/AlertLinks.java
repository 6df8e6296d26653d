// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import java.util.function.Supplier;

/// Links from alerts to the control API.
///
/// @param base URL of the control API that users can reach; empty while unknown
record AlertLinks(Supplier<String> base) {
  String to(Alert alert) {
    String url = base.get();
    if (url.isEmpty()) {
      return "";
    }
    if (alert.namespace().isEmpty()) {
      return url + "/api/v1/gateways";
    }
    String namespace = url + "/api/v1/namespaces/" + alert.namespace();
    return alert.rollout().isEmpty()
        ? namespace + "/services/" + alert.service()
        : namespace + "/rollouts/" + alert.rollout() + "/evidence";
  }
}
