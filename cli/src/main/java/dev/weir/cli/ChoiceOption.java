// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.model.Text;
import java.util.Arrays;
import java.util.stream.Collectors;

/// One of a few words given as an option.
final class ChoiceOption {
  private ChoiceOption() {}

  /// @param what it says, told when there is no such word
  static <T extends Text> T of(String what, T[] all, String word) {
    return Arrays.stream(all)
        .filter(one -> one.text().equals(word))
        .findFirst()
        .orElseThrow(() ->
            CliException.usage(
                "there is no %s '%s': use %s"
                    .formatted(
                        what,
                        word,
                        Arrays.stream(all).map(Text::text).collect(Collectors.joining(", ")))));
  }
}
