// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.model.RetiredNames;
import dev.weir.model.RetiredNames.NameKind;
import dev.weir.model.RetiredNames.RetiredName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/// Accepts options under the names that an earlier version used.
final class RetiredOptions {
  private static final String END_OF_OPTIONS = "--";

  private RetiredOptions() {}

  /// The command line under the present names of its options.
  ///
  /// @param warnings takes one line for each old name, and the remedy for one without a successor,
  ///   which stays in the line and is refused as unknown
  static String[] renamed(RetiredNames names, String[] arguments, Consumer<String> warnings) {
    List<String> line = new ArrayList<>(List.of(arguments));
    for (RetiredName name : names.ofKind(NameKind.OPTION)) {
      rename(name, line, warnings);
    }
    return line.toArray(String[]::new);
  }

  private static void rename(RetiredName name, List<String> line, Consumer<String> warnings) {
    List<String> command = List.of(name.owner().split(" "));
    int at = Collections.indexOfSubList(line, command);
    if (at < 0) {
      return;
    }
    int end = line.indexOf(END_OF_OPTIONS);
    List<String> own = line.subList(at + command.size(), end > at ? end : line.size());
    own.replaceAll(argument -> renamed(name, argument, warnings));
  }

  private static String renamed(RetiredName name, String argument, Consumer<String> warnings) {
    boolean valued = argument.startsWith(name.name() + "=");
    if (!valued && !argument.equals(name.name())) {
      return argument;
    }
    if (name.successor().isEmpty()) {
      warnings.accept("%s is a retired name: %s".formatted(name.name(), name.remedy()));
      return argument;
    }
    String successor = name.successor().get();
    warnings.accept(
        "warning: %s is a retired name: write %s; the next version no longer accepts the old name"
            .formatted(name.name(), successor));
    return successor + argument.substring(name.name().length());
  }
}
