// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.util.List;
import java.util.stream.Stream;

/// Finds what is wrong in a page of documentation.
interface DocumentCheck {
  /// One sentence for each problem.
  Stream<String> problems(MarkdownPage page);

  /// The problems of all pages, each with the path of its page.
  default List<String> problems(List<MarkdownPage> pages) {
    return pages.stream()
        .flatMap(page -> problems(page).distinct().map(problem -> page.file() + ": " + problem))
        .toList();
  }
}
