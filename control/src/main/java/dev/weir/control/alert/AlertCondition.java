// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.model.AlertEvent;
import dev.weir.model.Severity;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// A condition that holds now and that people should be alerted to.
///
/// @param about what stays the same while it is so, beyond event, namespace and service
/// @param since when it began, where that is stored; else it began when it was first seen
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

  /// The same for each alert about the same thing.
  String key() {
    String subject = namespace.isEmpty() ? "fleet" : namespace + "/" + service;
    return event.text() + " " + subject + (about.isEmpty() ? "" : " " + about);
  }
}
