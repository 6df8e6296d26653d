// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

/// What a limit counts.
public enum LimitKind {
  REQUESTS("requests"),
  TOKENS("tokens"),
  CONCURRENCY("concurrency");

  private final String word;

  LimitKind(String word) {
    this.word = word;
  }

  /// Name for messages, logs and labels.
  public String label() {
    return word;
  }
}
