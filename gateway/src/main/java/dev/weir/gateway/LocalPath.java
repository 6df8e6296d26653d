// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// A path that the gateway answers itself, without an engine.
public enum LocalPath {
  HEALTH("/health", false, "Reports that the process is alive."),
  READY(
      "/ready",
      false,
      "Reports 200 with the sequence of the snapshot in use, or 503 without a valid snapshot."),
  METRICS("/metrics", false, "Metrics of this gateway in the text format of Prometheus."),
  MODELS("/v1/models", true, "Lists the models that the key may call."),
  MODEL("/v1/models/", true, "Describes one model that the key may call; its name follows.");

  private static final Map<String, LocalPath> BY_PATH =
      Arrays.stream(values()).collect(toUnmodifiableMap(LocalPath::path, identity()));

  private final String path;
  private final boolean keyNeeded;
  private final String meaning;

  LocalPath(String path, boolean keyNeeded, String meaning) {
    this.path = path;
    this.keyNeeded = keyNeeded;
    this.meaning = meaning;
  }

  /// @param path raw, without query
  static Optional<LocalPath> find(String path) {
    LocalPath local = BY_PATH.get(path);
    return local == null && path.startsWith(MODEL.path)
        ? Optional.of(MODEL)
        : Optional.ofNullable(local);
  }

  /// The path; for `MODEL` the prefix before the name of the model.
  public String path() {
    return path;
  }

  /// Whether a request needs an API key.
  public boolean keyNeeded() {
    return keyNeeded;
  }

  /// What the path is for, in one sentence.
  public String meaning() {
    return meaning;
  }
}
