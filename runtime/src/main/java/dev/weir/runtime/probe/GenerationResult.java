// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

/// The result of a generation of a few tokens.
public sealed interface GenerationResult {
  /// The engine returned text.
  record Answered() implements GenerationResult {}

  /// The engine is overloaded (429 or 503), which proves neither that it works nor that it is
  /// faulty.
  record Busy(String reason) implements GenerationResult {}

  record Failed(String reason) implements GenerationResult {}
}
