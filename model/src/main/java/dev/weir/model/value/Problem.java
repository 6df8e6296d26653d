// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

/// One problem with a user's input.
///
/// @param path a JSON path from the document's root, for example `spec.release.steps[1].weight`;
///   prefixed with the document's number when there are several
/// @param value the value found there, shortened; empty when there was none. Likely secrets are
///   redacted here, for responses, logs and terminals alike
/// @param message the expected value or the remedy, in one sentence
public record Problem(String path, String value, String message) {
  public Problem {
    value = SecretDetector.redact(path, value);
  }

  @Override
  public String toString() {
    String found = path + (path.isEmpty() || value.isEmpty() ? "" : " = ") + value;
    return found.isEmpty() ? message : found + ": " + message;
  }
}
