// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Relative links lead to files that exist, and to headings that those files have.
final class LinkCheck implements DocumentCheck {
  private static final Pattern ABSOLUTE = Pattern.compile("[a-z]+:.*");

  @Override
  public Stream<String> problems(MarkdownPage page) {
    return page.links().stream()
        .filter(link -> !ABSOLUTE.matcher(link).matches())
        .flatMap(link -> problem(page, link).stream());
  }

  private static Optional<String> problem(MarkdownPage page, String link) {
    int hash = link.indexOf('#');
    String path = hash < 0 ? link : link.substring(0, hash);
    Path target =
        path.isEmpty()
            ? page.file()
            : Objects.requireNonNull(page.file().getParent()).resolve(path).normalize();
    if (!path.isEmpty() && !Files.exists(target)) {
      return Optional.of("link to a file that does not exist: " + link);
    }
    if (hash < 0 || !target.toString().endsWith(".md")) {
      return Optional.empty();
    }
    MarkdownPage headed = path.isEmpty() ? page : MarkdownPage.read(target);
    return headed.anchors().contains(link.substring(hash + 1))
        ? Optional.empty()
        : Optional.of("link to a heading that does not exist: " + link);
  }
}
