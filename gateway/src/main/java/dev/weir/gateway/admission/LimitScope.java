// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

/// The owner of a limit, in the order in which limits are checked.
public enum LimitScope {
  KEY("key"),
  TENANT("tenant"),
  SERVICE("service");

  private final String word;

  LimitScope(String word) {
    this.word = word;
  }

  /// Name for messages, logs and labels.
  public String label() {
    return word;
  }
}
