// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import dev.weir.model.value.Text;
import java.util.Arrays;
import java.util.stream.Collectors;

/// Options whose value is one of a fixed set.
public final class ChoiceOption {
  private ChoiceOption() {}

  /// @param what describes the value in the error message
  public static <T extends Text> T of(String what, T[] all, String value) {
    return Arrays.stream(all)
        .filter(one -> one.text().equals(value))
        .findFirst()
        .orElseThrow(() ->
            CliException.usage(
                "unknown %s '%s': use one of %s"
                    .formatted(
                        what,
                        value,
                        Arrays.stream(all).map(Text::text).collect(Collectors.joining(", ")))));
  }
}
