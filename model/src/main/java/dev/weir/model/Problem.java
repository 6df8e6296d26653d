// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// One thing wrong with what a user gave.
///
/// @param path where, as a JSON path from the document's root, for example
///   `spec.release.steps[1].weight`; prefixed with the document's number when there are several
/// @param value what was found there, shortened; empty when nothing was. What looks like a secret
///   is hidden here, once for answers, logs and terminals
/// @param message what would be right, in one sentence
public record Problem(String path, String value, String message) {
  public Problem {
    value = SecretDetector.shown(path, value);
  }

  @Override
  public String toString() {
    String found = path + (path.isEmpty() || value.isEmpty() ? "" : " = ") + value;
    return found.isEmpty() ? message : found + ": " + message;
  }
}
