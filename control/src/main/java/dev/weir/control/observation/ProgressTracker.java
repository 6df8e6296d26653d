// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.Resource;
import dev.weir.model.ResourceRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What resources wait for now, as text: it changes every second and is not part of the audit log.
/// Therefore kept as an observation, with no revision and no audit entry of its own.
///
/// A word is about one revision of its resource: once a transition is stored, what was said before
/// it counts no longer, and the stored message speaks until there is something newer to say.
public final class ProgressTracker {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressTracker.class);
  private static final String COLLECTION = "progress";

  private final ObservationStore observationStore;
  private final Map<String, ProgressMessage> progressMessages = new ConcurrentHashMap<>();

  /// @param revision of the resource that the words are about
  record ProgressMessage(long revision, String message) {}

  public ProgressTracker(ObservationStore observationStore) {
    this.observationStore = observationStore;
    observationStore
        .list(COLLECTION, "", ProgressMessage.class)
        .forEach(storedObservation ->
            progressMessages.put(storedObservation.key(), storedObservation.value()));
  }

  /// Takes note of how it stands. One thread at a time for each resource.
  ///
  /// @param stored the message that is stored with the resource; the same one is not said twice
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
    if (before == null ? !message.equals(stored) : !words(message).equals(words(before.message))) {
      LOG.info("progress {}={} message=\"{}\"", resource.kind().text(), key, message);
    }
  }

  /// What is so of the resource, beyond what is stored with this revision of it.
  public Optional<String> of(Resource resource) {
    return Optional.ofNullable(progressMessages.get(key(resource.ref())))
        .filter(words -> words.revision() == resource.metadata().revision())
        .map(ProgressMessage::message);
  }

  /// Forgets what was said of resources that are gone or have moved on since. What is said
  /// meanwhile may be missing from the disk afterwards, which lasts until the next word.
  public void sweep(ResourceSnapshot now) {
    Map<String, Long> revisions = new HashMap<>();
    now.services()
        .forEach((ref, service) -> revisions.put(key(ref), service.metadata().revision()));
    now.rollouts()
        .forEach((ref, rollout) -> revisions.put(key(ref), rollout.metadata().revision()));
    progressMessages.forEach((key, words) -> {
      if (words.revision() < revisions.getOrDefault(key, Long.MAX_VALUE)) {
        forget(key, words);
      }
    });
  }

  private void forget(String key, ProgressMessage words) {
    if (progressMessages.remove(key, words)) {
      observationStore.delete(COLLECTION, List.of(key));
    }
  }

  // Words are no reason to leave a Service alone: a store that is full or broken is for those to
  // report who must write.
  private void keep(String key, ProgressMessage words) {
    try {
      observationStore.put(COLLECTION, key, words);
    } catch (RuntimeException e) {
      LOG.warn("progress could not be kept key={} message={}", key, e.toString());
    }
  }

  private static String key(ResourceRef ref) {
    return ref.namespace() + "/" + ref.kind().plural() + "/" + ref.name();
  }

  /// The message without what moves by itself: evidence and numbers.
  private static String words(String message) {
    int evidence = message.indexOf(':');
    String head = evidence < 0 ? message : message.substring(0, evidence);
    return head.replaceAll("[0-9.]+", "#");
  }
}
