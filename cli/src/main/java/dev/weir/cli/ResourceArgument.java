// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.model.Kind;
import dev.weir.model.ResourceRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a command is about: `KIND`, `KIND NAME` or `KIND/NAME`.
///
/// @param name empty means all
record ResourceArgument(Selection of, Optional<String> name) {
  /// Resources of a kind, or something observed that looks like one.
  sealed interface Selection {
    record Resources(Kind kind) implements Selection {}

    record Replicas() implements Selection {}

    record Gateways() implements Selection {}
  }

  /// Words for the shell to complete.
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return words().iterator();
    }
  }

  /// Words for the shell to complete where only resources go.
  static final class KindWords implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return kinds().iterator();
    }
  }

  private static List<String> kinds() {
    return Arrays.stream(Kind.values()).map(Kind::plural).toList();
  }

  private static List<String> words() {
    List<String> words = new ArrayList<>(kinds());
    words.addAll(List.of("replicas", "gateways"));
    return words;
  }

  static ResourceArgument read(String word, Optional<String> name) {
    int slash = word.indexOf('/');
    if (slash < 0) {
      return new ResourceArgument(of(word), name);
    }
    if (name.isPresent()) {
      throw CliException.usage("give KIND/NAME or KIND NAME, not both: " + word);
    }
    return new ResourceArgument(
        of(word.substring(0, slash)), Optional.of(word.substring(slash + 1)));
  }

  private static Selection of(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "replica", "replicas" -> new Selection.Replicas();
      case "gateway", "gateways" -> new Selection.Gateways();
      default ->
          new Selection.Resources(
              Kind.named(word)
                  .orElseThrow(() ->
                      CliException.usage(
                          "there is no kind '%s': use %s"
                              .formatted(word, String.join(", ", words())))));
    };
  }

  /// The kind and name of exactly one resource.
  static ResourceRef one(String word, Optional<String> name, CommandSession session) {
    ResourceArgument resourceArgument = read(word, name);
    if (!(resourceArgument.of() instanceof Selection.Resources(Kind kind))) {
      throw CliException.usage(
          "replicas and gateways are observed, not kept: use `weir get " + word + "`");
    }
    return session.ref(
        kind,
        resourceArgument
            .name()
            .filter(text -> !text.isEmpty())
            .orElseThrow(() -> CliException.usage("which " + kind.text() + "? Give its name")));
  }
}
