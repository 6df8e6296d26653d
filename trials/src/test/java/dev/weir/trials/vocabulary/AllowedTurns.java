// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.vocabulary;

import dev.weir.trials.vocabulary.Vocabulary.Finding;
import java.util.List;
import java.util.Locale;

/// Turns that must stay where they are, because users or other programs rely on them.
///
/// @param entries one per line of `vocabulary-allowed.tsv`
record AllowedTurns(List<Entry> entries) {
  AllowedTurns {
    entries = List.copyOf(entries);
  }

  /// @param file end of the path; empty for any file
  record Entry(String file, String turn, String reason) {
    boolean covers(Finding finding) {
      return finding.file().endsWith(file)
          && finding.turn().toLowerCase(Locale.ROOT).equals(turn.toLowerCase(Locale.ROOT));
    }
  }

  /// Reads tab-separated lines: end of a path, turn, reason.
  static AllowedTurns parse(String text) {
    return new AllowedTurns(
        text.lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(AllowedTurns::entry)
            .toList());
  }

  private static Entry entry(String line) {
    String[] columns = line.split("\t", -1);
    if (columns.length != 3 || columns[2].isBlank()) {
      throw new IllegalArgumentException(
          "an allowed turn has 3 columns, the last a reason: " + line);
    }
    return new Entry(columns[0], columns[1], columns[2]);
  }

  List<Finding> forbidden(List<Finding> findings) {
    return findings.stream()
        .filter(finding -> entries.stream().noneMatch(entry -> entry.covers(finding)))
        .toList();
  }

  /// Entries that allow nothing that is there.
  List<Entry> unused(List<Finding> findings) {
    return entries.stream().filter(entry -> findings.stream().noneMatch(entry::covers)).toList();
  }
}
