// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Names of Java types between backticks exist in the sources, and so do paths of the form
/// `module/package/Class`. `module/` itself is a placeholder.
final class ClassNameCheck implements DocumentCheck {
  private static final Pattern TYPE =
      Pattern.compile("([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)(?:\\.(\\w+))?(?:\\(\\))?");
  private static final Pattern PATH =
      Pattern.compile("([a-z]+)/((?:[a-z.]+/)*)([A-Z]\\w+)(?:\\.java)?");
  private static final Pattern NESTED =
      Pattern.compile("\\b(?:class|record|enum|interface) ([A-Z]\\w*)");
  private static final Pattern IMPORTED = Pattern.compile("(?m)^import [\\w.]+\\.([A-Z]\\w*);");

  /// Between backticks and not a type: a header.
  private static final Set<String> NO_TYPES = Set.of("ETag");

  private final List<String> files;
  private final Set<String> types = new HashSet<>();
  private final Set<String> nested = new HashSet<>();

  ClassNameCheck(Path root, List<Path> sources) {
    files = sources.stream().map(file -> root.relativize(file).toString()).toList();
    for (Path source : sources) {
      String text = Checkout.text(source);
      types.add(source.getFileName().toString().replace(".java", ""));
      IMPORTED.matcher(text).results().forEach(found -> types.add(found.group(1)));
      NESTED.matcher(text).results().forEach(found -> nested.add(found.group(1)));
    }
  }

  @Override
  public Stream<String> problems(MarkdownPage page) {
    return page.codeSpans().stream().flatMap(this::problem);
  }

  private Stream<String> problem(String span) {
    Matcher path = PATH.matcher(span);
    if (path.matches() && !path.group(1).equals("module")) {
      boolean exists = files.stream().anyMatch(file -> isAt(file, path));
      return exists ? Stream.empty() : Stream.of("there is no source file for `" + span + "`");
    }
    Matcher type = TYPE.matcher(span);
    return type.matches() && !exists(type)
        ? Stream.of("there is no Java type `" + span + "`")
        : Stream.empty();
  }

  /// A nested type is written with the type around it.
  private boolean exists(Matcher type) {
    String name = type.group(1);
    String member = type.group(2);
    boolean known = types.contains(name) || NO_TYPES.contains(name) || ofLanguage(name);
    boolean typeInside = member != null && member.matches("[A-Z]\\w*[a-z]\\w*");
    return known && (!typeInside || nested.contains(member));
  }

  private static boolean ofLanguage(String name) {
    try {
      var _ = Class.forName("java.lang." + name);
      return true;
    } catch (ClassNotFoundException _) {
      return false;
    }
  }

  /// `...` in a path stands for any folders, and a path may begin inside a module.
  private static boolean isAt(String file, Matcher path) {
    String folders = path.group(2);
    String name = "/" + path.group(3) + ".java";
    String first = path.group(1);
    if (folders.contains("...")) {
      String last = folders.substring(folders.indexOf("...") + 3);
      return file.startsWith(first + "/") && file.endsWith(last.replaceFirst("/$", "") + name);
    }
    String below = (folders.isEmpty() ? "" : "/" + folders.replaceFirst("/$", "")) + name;
    return file.endsWith("/dev/weir/" + first + below)
        || (file.contains("/test/") && file.endsWith("/" + first + below));
  }
}
