// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

/// How strictly the player checks a complete answer.
public enum AnswerCheck {
  /// The text, finish reason and usage must be those that a simulated engine of the version gives.
  SIMULATED,
  /// The answer must be well-formed and have a finish reason. For engines whose text is unknown.
  WELL_FORMED
}
