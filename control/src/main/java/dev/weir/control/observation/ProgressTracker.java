// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.Resource;
import dev.weir.model.value.ResourceRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What resources wait for now, as text. It changes every second, so it is stored as an
/// observation, without a revision or an audit entry.
///
/// A message belongs to one revision of its resource. Once a transition is stored, older messages
/// are invalid, and the stored message applies until there is a newer one.
public final class ProgressTracker {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressTracker.class);
  private static final String COLLECTION = "progress";

  private final ObservationStore observationStore;
  private final Map<String, ProgressMessage> progressMessages = new ConcurrentHashMap<>();

  /// @param revision of the resource that the message is about
  record ProgressMessage(long revision, String message) {}

  public ProgressTracker(ObservationStore observationStore) {
    this.observationStore = observationStore;
    observationStore
        .list(COLLECTION, "", ProgressMessage.class)
        .forEach(storedObservation ->
            progressMessages.put(storedObservation.key(), storedObservation.value()));
  }

  /// Records the current progress. Call it from one thread at a time for each resource.
  ///
  /// @param stored the message in the status of the resource; an equal message is not stored again
  public void record(Resource resource, String stored, String message) {
    String key = key(resource.ref());
    ProgressMessage now = new ProgressMessage(resource.metadata().revision(), message);
    ProgressMessage before = progressMessages.get(key);
    if (now.equals(before)) {
      return;
    }
    if (!message.equals(stored)) {
      progressMessages.put(key, now);
      keep(key, now);
    } else if (before != null) {
      forget(key, before);
    }
    if (before == null ? !message.equals(stored) : !stem(message).equals(stem(before.message))) {
      LOG.atInfo()
          .addKeyValue("event", "progress.changed")
          .addKeyValue("kind", resource.kind().text())
          .addKeyValue("key", key)
          .addKeyValue("detail", message)
          .log("The progress of a resource changed");
    }
  }

  /// The progress of the resource since its current revision was stored.
  public Optional<String> of(Resource resource) {
    return Optional.ofNullable(progressMessages.get(key(resource.ref())))
        .filter(progress -> progress.revision() == resource.metadata().revision())
        .map(ProgressMessage::message);
  }

  /// Removes messages about older revisions. A message that is recorded at the same time may be
  /// lost from the store until the next one.
  public void sweep(ResourceSnapshot now) {
    Map<String, Long> revisions = new HashMap<>();
    now.services()
        .forEach((ref, service) -> revisions.put(key(ref), service.metadata().revision()));
    now.rollouts()
        .forEach((ref, rollout) -> revisions.put(key(ref), rollout.metadata().revision()));
    progressMessages.forEach((key, progress) -> {
      if (progress.revision() < revisions.getOrDefault(key, Long.MAX_VALUE)) {
        forget(key, progress);
      }
    });
  }

  private void forget(String key, ProgressMessage progress) {
    if (progressMessages.remove(key, progress)) {
      observationStore.delete(COLLECTION, List.of(key));
    }
  }

  // A message that cannot be stored must not stop the reconciliation of a Service.
  private void keep(String key, ProgressMessage progress) {
    try {
      observationStore.put(COLLECTION, key, progress);
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("event", "progress.failed")
          .addKeyValue("key", key)
          .addKeyValue("error", e.toString())
          .log("The progress of a resource cannot be stored");
    }
  }

  private static String key(ResourceRef ref) {
    return ref.namespace() + "/" + ref.kind().plural() + "/" + ref.name();
  }

  /// The message without its changing parts: evidence and numbers.
  private static String stem(String message) {
    int evidence = message.indexOf(':');
    String head = evidence < 0 ? message : message.substring(0, evidence);
    return head.replaceAll("[0-9.]+", "#");
  }
}
