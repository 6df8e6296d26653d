// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.coverage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The deliberate bug: a reader that sees events only where they come in one piece.
public final class BrokenTarget {
  private static final String END = "\n\n";

  private BrokenTarget() {}

  public static void fuzzerTestOneInput(byte[] input) {
    EventsTarget.fuzzerTestOneInput(input);
    if (input.length < 3) {
      return;
    }
    byte[] bytes = Arrays.copyOfRange(input, 2, input.length);
    int cut = (input[1] & 0xff) * bytes.length / 256;
    int pieces = ends(bytes, 0, cut) + ends(bytes, cut, bytes.length);
    if (ends(bytes, 0, bytes.length) != pieces) {
      throw new IllegalStateException("cut at " + cut + " an event's end is missed");
    }
  }

  private static int ends(byte[] bytes, int from, int to) {
    String text = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    return text.split(END, -1).length - 1;
  }
}
