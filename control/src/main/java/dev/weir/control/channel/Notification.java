// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import dev.weir.model.spec.AlertEvent;
import dev.weir.model.value.Severity;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A notification to a channel: an alert fires, or it is resolved. Built from stored data, so a
/// repeated notification has the same content.
///
/// @param id of the alert
/// @param key the same for each alert about the same subject
/// @param namespace empty if the alert is about none
/// @param service empty if the alert is about none
/// @param rollout empty if the alert is about none
/// @param summary one paragraph: what happened, and why
/// @param link to details
/// @param over when the alert ended; empty while it fires
public record Notification(
    String id,
    String key,
    AlertEvent event,
    Severity severity,
    String namespace,
    String service,
    String rollout,
    String summary,
    Map<String, String> details,
    String link,
    Instant since,
    Optional<Instant> over) {
  public Notification {
    details = Map.copyOf(details);
  }

  /// The subject: `default/chat`, or the fleet.
  public String subject() {
    return namespace.isEmpty()
        ? "fleet"
        : service.isEmpty() ? namespace : namespace + "/" + service;
  }

  /// One line for the head of a message.
  public String title() {
    String state = over.isPresent() ? "resolved" : severity.text();
    return "[" + state + "] " + event.text() + " " + subject();
  }

  /// The idempotency key of this message: receivers can use it to drop duplicates.
  public String deliveryId() {
    return id + (over.isPresent() ? "-resolved" : "-firing");
  }

  SortedMap<String, String> sortedDetails() {
    return new TreeMap<>(details);
  }
}
