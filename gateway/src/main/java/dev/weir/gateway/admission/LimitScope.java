// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

/// Whose limit it is, in the order in which limits are asked.
public enum LimitScope {
  KEY("key"),
  TENANT("tenant"),
  MODEL("model");

  private final String word;

  LimitScope(String word) {
    this.word = word;
  }

  /// For messages, logs and labels.
  public String word() {
    return word;
  }
}
