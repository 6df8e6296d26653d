// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.overdue;

/// Requests whose answers take about equally long: the same path, and the same power of two of what
/// bounds the answer.
///
/// @param path such as `/v1/chat/completions`
/// @param size binary magnitude, 0 to 64, of the requested maximum of output tokens, or of the
///   request's bytes if the engine generates no text; [#UNBOUNDED] without a bound
/// @param maxTokens requested maximum, otherwise -1; not part of equality
public record AnswerKind(String path, int size, long maxTokens) {
  private static final int UNBOUNDED = -1;

  /// The kind of a generated answer.
  ///
  /// @param mostTokens the request's limit on output tokens, -1 for none
  public static AnswerKind generated(String path, long mostTokens) {
    return new AnswerKind(path, mostTokens < 0 ? UNBOUNDED : magnitude(mostTokens), mostTokens);
  }

  /// The kind of any other answer: embeddings, reranking, tokenization.
  public static AnswerKind computed(String path, int bodyBytes) {
    return new AnswerKind(path, magnitude(bodyBytes), -1);
  }

  private static int magnitude(long value) {
    return Long.SIZE - Long.numberOfLeadingZeros(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AnswerKind that && path.equals(that.path) && size == that.size;
  }

  @Override
  public int hashCode() {
    return 31 * path.hashCode() + size;
  }
}
