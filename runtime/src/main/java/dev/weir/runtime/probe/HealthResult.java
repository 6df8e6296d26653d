// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

/// The result of a health call.
public sealed interface HealthResult {
  record Up() implements HealthResult {}

  /// The engine listens but is not ready yet.
  ///
  /// @param progress the engine's message, one line
  record Loading(String progress) implements HealthResult {}

  /// The engine does not respond or reports a failure.
  record Down(String reason) implements HealthResult {}
}
