// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// Whether a response has content: text other than white space, a tool call, a refusal, or audio.
/// Reasoning does not count. It is not a [Telemetry.Trait], because the previous version rejects a
/// batch with an unknown trait.
public enum AnswerContent {
  /// Not examined, or there is no response.
  UNKNOWN,
  /// The response has content.
  SOME,
  /// The response ended on its own, not at the token limit, without content.
  NONE
}
