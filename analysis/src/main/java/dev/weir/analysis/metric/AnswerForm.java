// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

/// The form of response that a client requested. It is known when the request arrives and does not
/// depend on the version, so metrics can exclude requests by it without bias.
public enum AnswerForm {
  /// A gateway of the previous version does not report it. The request counts as a stream, as all
  /// requests did then, except for [ReleaseMetric#EMPTY], which excludes it.
  UNKNOWN,
  /// A stream of events.
  STREAM,
  /// A complete text, not streamed.
  WHOLE,
  /// A complete response that is not text: embeddings, audio, ranks.
  OTHER;

  /// Whether the response is not streamed: it has no first token, and every failure is an error.
  public boolean notStreamed() {
    return this == WHOLE || this == OTHER;
  }
}
