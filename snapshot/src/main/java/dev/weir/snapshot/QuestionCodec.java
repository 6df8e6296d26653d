// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// Questions and answers as bytes: one line of JSON each (see `WireJson` for the dialect).
public final class QuestionCodec {
  /// The maximum size of an answer on the wire, in bytes.
  public static final int MAX_ANSWER_BYTES = 1024 * 1024;

  private static final int MAX_QUESTION_BYTES = 16 * 1024;

  private QuestionCodec() {}

  public static byte[] encode(Question question) {
    return WireJson.write(question);
  }

  public static byte[] encode(GatewayAnswer answer) {
    return WireJson.write(answer);
  }

  /// @throws WireFormatException when the bytes are corrupt or too many
  public static Question decodeQuestion(byte[] bytes) throws WireFormatException {
    return WireJson.read(bytes, Question.class, MAX_QUESTION_BYTES, "question");
  }

  /// @throws WireFormatException when the bytes are corrupt or too many
  public static GatewayAnswer decodeAnswer(byte[] bytes) throws WireFormatException {
    return WireJson.read(bytes, GatewayAnswer.class, MAX_ANSWER_BYTES, "answer");
  }
}
