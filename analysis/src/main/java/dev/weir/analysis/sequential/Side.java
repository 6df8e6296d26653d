// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

/// The hypothesis that a test tries to refute.
public enum Side {
  /// Null: the canary's mean badness exceeds the baseline's by at most delta. Refuted: revert.
  HARM,
  /// Null: the canary's mean badness exceeds the baseline's by delta or more. Refuted: promote.
  SAFE
}
