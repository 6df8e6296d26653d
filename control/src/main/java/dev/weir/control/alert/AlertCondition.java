// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.model.spec.AlertEvent;
import dev.weir.model.value.Severity;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// A condition that is true now and that causes an alert.
///
/// @param about what identifies the condition besides event, namespace and service
/// @param since the stored start; if empty, the condition starts when it is first observed
record AlertCondition(
    AlertEvent event,
    Severity severity,
    String namespace,
    String service,
    String rollout,
    String about,
    String summary,
    Map<String, String> details,
    Optional<Instant> since) {
  AlertCondition {
    details = Map.copyOf(details);
  }

  /// The same for each alert about the same subject.
  String key() {
    String subject = namespace.isEmpty() ? "fleet" : namespace + "/" + service;
    return event.text() + " " + subject + (about.isEmpty() ? "" : " " + about);
  }
}
