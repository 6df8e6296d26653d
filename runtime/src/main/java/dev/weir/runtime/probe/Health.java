// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

/// What an engine's health path says.
public sealed interface Health {
  record Up() implements Health {}

  /// It listens and is not ready yet.
  ///
  /// @param progress in the engine's words, one line
  record Loading(String progress) implements Health {}

  /// It does not answer, or answers that it is broken.
  record Down(String reason) implements Health {}
}
