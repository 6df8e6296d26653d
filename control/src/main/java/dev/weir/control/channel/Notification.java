// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import dev.weir.model.AlertEvent;
import dev.weir.model.Severity;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A notification to a channel: an alert fires, or it is resolved. Made from what is stored, so
/// that it is the same however often it is sent.
///
/// @param id of the alert
/// @param key the same for each alert about the same thing
/// @param namespace empty when it is about none
/// @param service empty when it is about none
/// @param rollout empty when it is about none
/// @param summary one paragraph: what, and why
/// @param link where to read on
/// @param over empty while it is so
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

  /// What it is about: `default/chat`, or the fleet.
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

  /// Names this telling of it: who takes it in once for each name takes nothing in twice.
  public String deliveryId() {
    return id + (over.isPresent() ? "-resolved" : "-firing");
  }

  SortedMap<String, String> sortedDetails() {
    return new TreeMap<>(details);
  }
}
