// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import dev.weir.runtime.engine.EngineReport;

/// What came of asking an engine for its version and its load.
public sealed interface EngineLookResult {
  record Seen(EngineReport report) implements EngineLookResult {}

  /// It gave no answer; nothing follows from that for what it was asked about.
  ///
  /// @param reason one line
  record Failed(String reason) implements EngineLookResult {}
}
