// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.overdue;

/// Requests whose answers take about equally long: one path, and one power of two of what bounds
/// the answer.
///
/// @param path such as `/v1/chat/completions`
/// @param size binary magnitude, 0 to 64, of the most output tokens that are asked for, or of the
///   request's bytes where the engine generates no text; [#UNBOUNDED] where nothing bounds it
/// @param mostTokens that are asked for, else -1; not part of what makes two kinds equal
public record AnswerKind(String path, int size, long mostTokens) {
  private static final int UNBOUNDED = -1;

  /// Of an answer that is generated.
  ///
  /// @param mostTokens the request's limit on output tokens, -1 for none
  public static AnswerKind generated(String path, long mostTokens) {
    return new AnswerKind(path, mostTokens < 0 ? UNBOUNDED : magnitude(mostTokens), mostTokens);
  }

  /// Of anything else: embeddings, reranking, tokens of a text.
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
