// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// The form of response that a client requested, by which release metrics exclude requests.
public enum ResponseForm {
  /// Not reported.
  UNKNOWN,
  /// A stream of events.
  STREAM,
  /// A complete text, not streamed.
  WHOLE,
  /// A complete response that is not text: embeddings, audio, ranks.
  OTHER;

  /// Whether the response is not streamed.
  public boolean notStreamed() {
    return this == WHOLE || this == OTHER;
  }
}
