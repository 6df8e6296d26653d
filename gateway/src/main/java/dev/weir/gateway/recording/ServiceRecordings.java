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

/// The recordings of one service, under the rules of now. One thread uses it.
final class ServiceRecordings implements AutoCloseable {
  /// Of all recordings of a service.
  static final long MAX_BYTES = 64L * 1024 * 1024;

  private final String service;
  private final Recording rules;
  private final Redactor redactor;
  private final RecordingFile recordingFile;
  private final Set<Long> fetched = new HashSet<>();
  private String fetchedFor = "";
  private KeyFinder.Found key;

  /// What became of a request.
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

  /// The key may have been changed where it stands.
  void key(KeyFinder.Found found) {
    key = found;
  }

  /// Why nothing is recorded, or empty.
  Optional<String> problem() {
    return key instanceof KeyFinder.Found.Unusable(String why)
        ? Optional.of(why)
        : Optional.empty();
  }

  /// How many the key of now opens; the others were sealed with another one.
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

  /// Lets the old ones go.
  void trim(long nowMillis) throws IOException {
    recordingFile.trim(rules.keep(), rules.maxAgeMillis(), nowMillis);
  }

  /// Some that were not fetched for this rollout yet, each as likely as another. Asked twice, a
  /// request would count for two, and what is odd about a few of them would pass for what is odd
  /// about a version.
  List<RecordedRequest> some(int count, String rollout, long nowMillis, RandomGenerator random)
      throws IOException {
    if (!(key instanceof KeyFinder.Found.Usable(RecordingKey usable))) {
      return List.of();
    }
    trim(nowMillis);
    List<RecordingFile.Kept> left = left(rollout);
    List<RecordedRequest> some = new ArrayList<>();
    for (int i = 0; i < count && !left.isEmpty(); i++) {
      RecordingFile.Kept kept = left.remove(random.nextInt(left.size()));
      fetched.add(kept.number());
      usable
          .open(service, kept.atMillis(), recordingFile.read(kept))
          .map(RecordedRequest::of)
          .ifPresent(some::add);
    }
    return some;
  }

  private List<RecordingFile.Kept> left(String rollout) {
    if (!rollout.equals(fetchedFor)) {
      fetchedFor = rollout;
      fetched.clear();
    }
    List<RecordingFile.Kept> left = new ArrayList<>(readable(recordingFile.kept()));
    left.removeIf(kept -> fetched.contains(kept.number()));
    return left;
  }

  @Override
  public void close() throws IOException {
    recordingFile.close();
  }
}
