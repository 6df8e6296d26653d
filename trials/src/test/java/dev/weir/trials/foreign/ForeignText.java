// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// The correct answers of the foreign engine, computed independently: an answer is a function of
/// its request alone.
public final class ForeignText {
  private static final List<String> WORDS =
      List.of(
          ("weir river gate flows under stone bridge slowly 水 café naïve spring autumn salmon ladder"
                  + " turbine über meadow — \"quoted\" back\\slash 🐟 rain level rises falls north"
                  + " south mill wheel silt")
              .split(" ", -1));
  private static final int FEWEST = 12;
  private static final int MORE = 16;

  private ForeignText() {}

  /// How many tokens (words) the whole answer has.
  public static int tokens(String question) {
    return FEWEST + (hash(question) & (MORE - 1));
  }

  /// The whole answer.
  public static String answer(String question) {
    int state = hash(question);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < tokens(question); i++) {
      state = state * 1664525 + 1013904223;
      text.append(i == 0 ? "" : " ").append(WORDS.get((state >>> 8) % WORDS.size()));
    }
    return text.toString();
  }

  /// FNV-1a of the question's UTF-8 bytes.
  private static int hash(String text) {
    int hash = 0x811c9dc5;
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (each & 0xff)) * 0x01000193;
    }
    return hash;
  }
}
