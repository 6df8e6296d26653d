// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.flags;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Command-line flags: `--name value`, `--name=value`, or `--name` for a switch. Read every flag
/// before [#finish], which rejects the others.
public final class Flags {
  private final Map<String, List<String>> values;

  private Flags(Map<String, List<String>> values) {
    this.values = values;
  }

  /// @throws IllegalArgumentException for an argument that is not a flag
  public static Flags parse(String... args) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (int index = 0; index < args.length; index++) {
      String arg = args[index];
      if (!arg.startsWith("--") || arg.length() == 2) {
        throw new IllegalArgumentException("'" + arg + "' is not a flag: use --name value");
      }
      int equals = arg.indexOf('=');
      String name = equals < 0 ? arg.substring(2) : arg.substring(2, equals);
      String value = "";
      if (equals >= 0) {
        value = arg.substring(equals + 1);
      } else if (index + 1 < args.length && !args[index + 1].startsWith("--")) {
        value = args[++index];
      }
      values.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }
    return new Flags(values);
  }

  /// The last value of `name`.
  public Optional<String> text(String name) {
    List<String> given = values.remove(name);
    return given == null ? Optional.empty() : Optional.of(given.getLast());
  }

  /// All values of a flag that may be repeated.
  public List<String> all(String name) {
    List<String> given = values.remove(name);
    return given == null ? List.of() : List.copyOf(given);
  }

  /// Whether the switch `name` is set and not `false`.
  public boolean on(String name) {
    return text(name).map(value -> !value.equals("false")).orElse(false);
  }

  public OptionalDouble number(String name) {
    Optional<String> given = text(name);
    return given.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number(name, given.get()));
  }

  public double number(String name, double fallback) {
    return number(name).orElse(fallback);
  }

  public int whole(String name, int fallback) {
    return (int) whole(name, (long) fallback, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  public long whole(String name, long fallback) {
    return whole(name, fallback, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  private long whole(String name, long fallback, long min, long max) {
    Optional<String> given = text(name);
    if (given.isEmpty()) {
      return fallback;
    }
    try {
      long value = Long.parseLong(given.get());
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException notWhole) {
      throw new IllegalArgumentException(
          "--" + name + " is '" + given.get() + "', must be a whole number", notWhole);
    }
    throw new IllegalArgumentException(
        "--" + name + " is " + given.get() + ", must be from " + min + " to " + max);
  }

  private static double number(String name, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException notNumber) {
      throw new IllegalArgumentException(
          "--" + name + " is '" + text + "', must be a number", notNumber);
    }
  }

  /// @throws IllegalArgumentException naming unknown flags
  public void finish() {
    if (!values.isEmpty()) {
      throw new IllegalArgumentException("unknown flag --" + String.join(", --", values.keySet()));
    }
  }
}
