// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import dev.weir.runtime.engine.EngineReport;

/// The result of an inspection of an engine.
public sealed interface EngineLookResult {
  record Seen(EngineReport report) implements EngineLookResult {}

  /// The engine did not respond. This does not affect the state of the replica.
  ///
  /// @param reason one line
  record Failed(String reason) implements EngineLookResult {}
}
