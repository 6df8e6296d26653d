// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import dev.weir.model.notation.Durations;
import dev.weir.model.notation.FieldPath;
import dev.weir.model.notation.Quantities;
import dev.weir.model.value.Problem;
import dev.weir.model.value.Quantity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A constraint on one field's value, with its JSON Schema keywords. A rule applies to the content
/// of an `Optional`; an empty one is valid.
public sealed interface FieldRule {
  void check(String path, Object value, Consumer<Problem> problems);

  /// JSON Schema 2020-12 keywords for the rule, as far as they can express it.
  Map<String, Long> keywords();

  /// @param wanted the expected value, as the end of the sentence "must be ..."
  record Single(String wanted, Predicate<Object> holds, Map<String, Long> keywords)
      implements FieldRule {
    public Single {
      keywords = Map.copyOf(keywords);
    }

    @Override
    public void check(String path, Object value, Consumer<Problem> problems) {
      if (!holds.test(value)) {
        problems.accept(new Problem(path, shown(value), "must be " + wanted));
      }
    }
  }

  /// The rule for each item of a list.
  record Each(FieldRule rule) implements FieldRule {
    @Override
    public void check(String path, Object value, Consumer<Problem> problems) {
      if (value instanceof List<?> list) {
        for (int i = 0; i < list.size(); i++) {
          rule.check(FieldPath.item(path, i), list.get(i), problems);
        }
      }
    }

    @Override
    public Map<String, Long> keywords() {
      return Map.of();
    }
  }

  /// A rule whose problems omit the value, because users may enter a secret instead of a reference.
  record Unshown(FieldRule rule) implements FieldRule {
    @Override
    public void check(String path, Object value, Consumer<Problem> problems) {
      rule.check(path, value, problem -> problems.accept(new Problem(path, "", problem.message())));
    }

    @Override
    public Map<String, Long> keywords() {
      return rule.keywords();
    }
  }

  /// Rules for the keys and the values of a map.
  record Entries(Optional<FieldRule> key, Optional<FieldRule> value) implements FieldRule {
    @Override
    public void check(String path, Object map, Consumer<Problem> problems) {
      if (map instanceof Map<?, ?> entries) {
        Map<String, Object> sorted = new TreeMap<>();
        entries.forEach((name, held) -> sorted.put(String.valueOf(name), held));
        sorted.forEach((name, held) -> entry(FieldPath.child(path, name), name, held, problems));
      }
    }

    private void entry(String path, String name, Object held, Consumer<Problem> problems) {
      key.ifPresent(rule -> rule.check(path, name, problems));
      value.ifPresent(rule -> rule.check(path, held, problems));
    }

    @Override
    public Map<String, Long> keywords() {
      return Map.of();
    }
  }

  static Problem problem(String path, Object value, String message) {
    return new Problem(path, shown(value), message);
  }

  private static String shown(Object value) {
    if (value instanceof Duration duration) {
      return Durations.print(duration);
    }
    if (value instanceof Quantity quantity) {
      return Quantities.print(quantity);
    }
    if (value instanceof List<?> list) {
      return "a list of " + list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return "an object of " + map.size();
    }
    if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
      return Long.toString(number.longValue());
    }
    return FieldPath.shortened(String.valueOf(value), 60);
  }
}
