// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Paths of the HTTP APIs exist: in `curl` commands and where the prose names one.
final class ApiPathCheck implements DocumentCheck {
  private static final Pattern CURL =
      Pattern.compile("curl [^\\n]*?https?://[^/\\s\"']+(/[^\\s\"'?#)]*)");
  private static final Pattern NAMED =
      Pattern.compile("(?:(GET|PUT|POST|DELETE) )?(/(?:api|internal)/v[0-9]+/[^\\s?]*)(?:\\?.*)?");

  private final List<Route> routes;

  /// @param template with `{name}` for a segment that varies
  record Route(String method, String template) {
    boolean has(String path) {
      String[] parts = template.split("/", -1);
      String[] segments = path.split("/", -1);
      boolean fits = parts.length == segments.length;
      for (int i = 0; fits && i < parts.length; i++) {
        fits = parts[i].startsWith("{") || parts[i].equals(segments[i]);
      }
      return fits;
    }
  }

  ApiPathCheck(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  @Override
  public Stream<String> problems(MarkdownPage page) {
    Stream<String> called =
        page.blocks().stream()
            .flatMap(block -> CURL.matcher(block.text().replace("\\\n", " ")).results())
            .map(call -> call.group(1))
            .filter(path -> routes.stream().noneMatch(route -> route.has(path)))
            .map(path -> "no route has the path " + path);
    return Stream.concat(called, page.codeSpans().stream().flatMap(this::named));
  }

  private Stream<String> named(String span) {
    Matcher named = NAMED.matcher(span);
    if (!named.matches() || span.contains("...")) {
      return Stream.empty();
    }
    String method = named.group(1);
    boolean known =
        routes.stream()
            .anyMatch(route ->
                route.has(named.group(2)) && (method == null || method.equals(route.method())));
    return known ? Stream.empty() : Stream.of("no such route: " + span);
  }
}
