// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

/// What came of asking an engine for a few tokens.
public sealed interface GenerationResult {
  /// It answered with text.
  record Answered() implements GenerationResult {}

  /// It is too busy (429 or 503): no proof of work, and no sign of a fault either.
  record Busy(String reason) implements GenerationResult {}

  record Failed(String reason) implements GenerationResult {}
}
