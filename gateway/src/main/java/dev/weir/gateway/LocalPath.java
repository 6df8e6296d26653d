// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import java.util.Arrays;
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
    return Arrays.stream(values()).filter(local -> local.matches(path)).findFirst();
  }

  private boolean matches(String raw) {
    return this == MODEL ? raw.startsWith(path) : raw.equals(path);
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
