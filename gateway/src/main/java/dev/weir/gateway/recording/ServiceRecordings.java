// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import dev.weir.snapshot.RoutingSnapshot.Recording;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The recordings of one service under its current rules. Used by one thread.
final class ServiceRecordings implements AutoCloseable {
  /// Maximum size of all recordings of a service.
  static final long MAX_BYTES = 64L * 1024 * 1024;

  private final String service;
  private final Recording rules;
  private final Redactor redactor;
  private final RecordingFile recordingFile;
  private final Set<Long> fetched = new HashSet<>();
  private String fetchedFor = "";
  private KeyFinder.Found key;

  /// The result of recording a request.
  enum Outcome {
    KEPT,
    /// It could not be redacted.
    LEFT_OUT,
    /// There is no key.
    OFF
  }

  ServiceRecordings(String service, Recording rules, Path file, KeyFinder.Found key)
      throws IOException {
    this.service = service;
    this.rules = rules;
    this.redactor = new Redactor(rules.redact());
    this.recordingFile = new RecordingFile(file, MAX_BYTES);
    this.key = key;
  }

  Recording rules() {
    return rules;
  }

  /// Sets the key, whose content may have changed.
  void key(KeyFinder.Found found) {
    key = found;
  }

  /// Why nothing is recorded, or empty.
  Optional<String> problem() {
    return key instanceof KeyFinder.Found.Unusable(String why)
        ? Optional.of(why)
        : Optional.empty();
  }

  /// Number of recordings that the current key can open; the others were sealed with another key.
  int readable() {
    return readable(recordingFile.kept()).size();
  }

  int size() {
    return recordingFile.size();
  }

  private List<RecordingFile.Kept> readable(List<RecordingFile.Kept> all) {
    return key instanceof KeyFinder.Found.Usable(RecordingKey usable)
        ? all.stream().filter(kept -> kept.keyId() == usable.id()).toList()
        : List.of();
  }

  long damaged() {
    return recordingFile.damaged();
  }

  Outcome keep(String path, byte[] body, long atMillis) throws IOException {
    if (!(key instanceof KeyFinder.Found.Usable(RecordingKey usable))) {
      return Outcome.OFF;
    }
    Optional<String> redacted = redactor.redact(body);
    if (redacted.isEmpty()) {
      return Outcome.LEFT_OUT;
    }
    byte[] sealed =
        usable.seal(service, atMillis, new RecordedRequest(path, redacted.get()).bytes());
    if (sealed.length > RecordingFile.MAX_SEALED) {
      return Outcome.LEFT_OUT;
    }
    recordingFile.add(atMillis, usable.id(), sealed);
    recordingFile.trim(rules.keep(), rules.maxAgeMillis(), atMillis);
    return Outcome.KEPT;
  }

  /// Removes expired recordings.
  void trim(long nowMillis) throws IOException {
    recordingFile.trim(rules.keep(), rules.maxAgeMillis(), nowMillis);
  }

  /// A random selection of recordings that this rollout has not fetched yet. A request replayed
  /// more than once would count more than once, and its peculiarities could be mistaken for a
  /// difference between versions.
  List<RecordedRequest> sample(int count, String rollout, long nowMillis, RandomGenerator random)
      throws IOException {
    if (!(key instanceof KeyFinder.Found.Usable(RecordingKey usable))) {
      return List.of();
    }
    trim(nowMillis);
    List<RecordingFile.Kept> remaining = remaining(rollout);
    List<RecordedRequest> some = new ArrayList<>();
    for (int i = 0; i < count && !remaining.isEmpty(); i++) {
      RecordingFile.Kept kept = remaining.remove(random.nextInt(remaining.size()));
      fetched.add(kept.number());
      usable
          .open(service, kept.atMillis(), recordingFile.read(kept))
          .map(RecordedRequest::of)
          .ifPresent(some::add);
    }
    return some;
  }

  private List<RecordingFile.Kept> remaining(String rollout) {
    if (!rollout.equals(fetchedFor)) {
      fetchedFor = rollout;
      fetched.clear();
    }
    List<RecordingFile.Kept> remaining = new ArrayList<>(readable(recordingFile.kept()));
    remaining.removeIf(kept -> fetched.contains(kept.number()));
    return remaining;
  }

  @Override
  public void close() throws IOException {
    recordingFile.close();
  }
}
