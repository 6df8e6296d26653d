// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Names of a certain form exist: environment variables, metrics.
///
/// @param what for the message
/// @param names pattern of the names
/// @param known all that exist
record NameCheck(String what, Pattern names, Set<String> known) implements DocumentCheck {
  NameCheck {
    known = Set.copyOf(known);
  }

  @Override
  public Stream<String> problems(MarkdownPage page) {
    return names
        .matcher(page.text())
        .results()
        .map(MatchResult::group)
        .filter(name -> !known.contains(name))
        .map(name -> "there is no " + what + " " + name);
  }
}
