// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// Whether an answer has anything that was asked for: text other than white space, a tool call, a
/// refusal, a sound. Reasoning is none of it. It is no [Telemetry.Trait], for the version before
/// refuses a batch with a trait that it does not know.
public enum AnswerContent {
  /// It was not looked for, or there is no answer.
  UNKNOWN,
  /// There is some.
  SOME,
  /// The answer ended by itself, not at the limit of its tokens, and has none.
  NONE
}
