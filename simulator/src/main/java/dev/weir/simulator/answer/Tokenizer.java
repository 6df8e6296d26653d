// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Converts text to token ids and back, without loss.
///
/// Each word of the [Vocabulary] is one token. Other text is encoded as UTF-8, three bytes per
/// token, which is close to a real tokenizer on English text. Because a word starts with its own
/// space, `encode(a + b)` equals `encode(a)` followed by `encode(b)` if `b` begins with a word: the
/// seam of a continued answer never changes the tokens around it.
public final class Tokenizer {
  /// Opens a message of the chat template.
  public static final int MESSAGE_START = Vocabulary.SIZE;

  /// Closes a message of the chat template; the model generates it to end its answer.
  public static final int MESSAGE_END = Vocabulary.SIZE + 1;

  private static final int ONE_BYTE = Vocabulary.SIZE + 256;
  private static final int TWO_BYTES = ONE_BYTE + (1 << 8);
  private static final int THREE_BYTES = TWO_BYTES + (1 << 16);

  /// One past the largest id.
  public static final int SIZE = THREE_BYTES + (1 << 24);

  private Tokenizer() {}

  public static TokenIds encode(String text) {
    TokenIds.Builder out = new TokenIds.Builder();
    encode(text, out);
    return out.build();
  }

  static void encode(String text, TokenIds.Builder out) {
    int rawFrom = 0;
    int at = 0;
    while (at < text.length()) {
      int id = Vocabulary.idAt(text, at);
      if (id < 0) {
        at++;
        continue;
      }
      encodeRaw(text.substring(rawFrom, at), out);
      out.add(id);
      at += Vocabulary.WORD_LENGTH;
      rawFrom = at;
    }
    encodeRaw(text.substring(rawFrom), out);
  }

  private static void encodeRaw(String raw, TokenIds.Builder out) {
    if (raw.isEmpty()) {
      return;
    }
    byte[] bytes = raw.getBytes(StandardCharsets.UTF_8);
    int at = 0;
    for (; at + 3 <= bytes.length; at += 3) {
      out.add(
          THREE_BYTES
              + (((bytes[at] & 255) << 16) | ((bytes[at + 1] & 255) << 8) | (bytes[at + 2] & 255)));
    }
    if (bytes.length - at == 2) {
      out.add(TWO_BYTES + (((bytes[at] & 255) << 8) | (bytes[at + 1] & 255)));
    } else if (bytes.length - at == 1) {
      out.add(ONE_BYTE + (bytes[at] & 255));
    }
  }

  /// The text of `ids`.
  ///
  /// @throws IllegalArgumentException for an id outside the vocabulary
  public static String decode(TokenIds ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(ids.size() * 5);
    for (int index = 0; index < ids.size(); index++) {
      decode(ids.at(index), bytes);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void decode(int id, ByteArrayOutputStream out) {
    if (id < 0 || id >= SIZE || (id > MESSAGE_END && id < ONE_BYTE)) {
      throw new IllegalArgumentException(
          "token id " + id + " is out of vocabulary (0 to " + (SIZE - 1) + ")");
    }
    if (id < Vocabulary.SIZE) {
      out.writeBytes(Vocabulary.word(id).getBytes(StandardCharsets.UTF_8));
    } else if (id < ONE_BYTE) {
      String mark = id == MESSAGE_START ? "<|im_start|>" : "<|im_end|>";
      out.writeBytes(mark.getBytes(StandardCharsets.UTF_8));
    } else if (id < TWO_BYTES) {
      out.write(id - ONE_BYTE);
    } else if (id < THREE_BYTES) {
      out.write((id - TWO_BYTES) >> 8);
      out.write(id - TWO_BYTES);
    } else {
      out.write((id - THREE_BYTES) >> 16);
      out.write((id - THREE_BYTES) >> 8);
      out.write(id - THREE_BYTES);
    }
  }
}
