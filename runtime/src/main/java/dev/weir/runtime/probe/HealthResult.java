// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

/// What an engine's health path says.
public sealed interface HealthResult {
  record Up() implements HealthResult {}

  /// It listens and is not ready yet.
  ///
  /// @param progress in the engine's words, one line
  record Loading(String progress) implements HealthResult {}

  /// It does not answer, or answers that it is broken.
  record Down(String reason) implements HealthResult {}
}
