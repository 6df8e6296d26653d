// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandSession;
import dev.weir.model.codec.Suggestions;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The resource arguments of a command: `KIND`, `KIND NAME` or `KIND/NAME`.
///
/// @param name empty selects all
record ResourceArgument(Selection of, Optional<String> name) {
  /// Resources of a kind, or observed replicas or gateways.
  sealed interface Selection {
    record Resources(Kind kind) implements Selection {}

    record Replicas() implements Selection {}

    record Gateways() implements Selection {}
  }

  /// Shell completion: all kinds.
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return words().iterator();
    }
  }

  /// Shell completion: kinds of stored resources.
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
                          "unknown kind '%s'%s: use one of %s"
                              .formatted(
                                  word,
                                  Suggestions.to(word, words())
                                      .map(near -> " (did you mean " + near + "?)")
                                      .orElse(""),
                                  String.join(", ", words())))));
    };
  }

  /// The reference to exactly one resource.
  static ResourceRef one(String word, Optional<String> name, CommandSession session) {
    ResourceArgument argument = read(word, name);
    if (!(argument.of() instanceof Selection.Resources(Kind kind))) {
      throw CliException.usage(
          "replicas and gateways are observed, not stored: use `weir get %s -o yaml`"
              .formatted(word + argument.name().map(of -> " " + of).orElse("")));
    }
    return session.ref(
        kind,
        argument
            .name()
            .filter(text -> !text.isEmpty())
            .orElseThrow(() -> CliException.usage("name of the " + kind.text() + " is missing")));
  }
}
