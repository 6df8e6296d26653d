// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/// Options that stand before or after any command, with one place for the value of each. A command
/// that has an option of the same name keeps its own.
final class GlobalOptions {
  private static final String NAMES = "--context, --server, --key, --ca, -n, -o, -v";

  /// Told at the end of each command's usage.
  static final String HINT = "Global options (" + NAMES + "): see `weir --help`";

  private final Slot context = new Slot();
  private final Slot server = new Slot();
  private final Slot key = new Slot();
  private final Slot ca = new Slot();
  private final Slot namespace = new Slot();
  private final Slot output = new Slot();
  private final Slot verbose = new Slot();

  Optional<String> context() {
    return context.text();
  }

  Optional<String> server() {
    return server.text();
  }

  Optional<String> key() {
    return key.text();
  }

  Optional<String> ca() {
    return ca.text();
  }

  Optional<String> namespace() {
    return namespace.text();
  }

  Optional<String> output() {
    return output.text();
  }

  boolean verbose() {
    return Boolean.TRUE.equals(verbose.value);
  }

  /// Gives the options to a command and all below it.
  void attachTo(CommandSpec spec) {
    for (OptionSpec option : options()) {
      if (Arrays.stream(option.names()).noneMatch(spec.optionsMap()::containsKey)) {
        spec.addOption(option);
      }
    }
    spec.subcommands().values().stream()
        .distinct()
        .map(CommandLine::getCommandSpec)
        .forEach(this::attachTo);
  }

  /// Whether an option is one of these, to leave it out of a command's own list.
  boolean owns(OptionSpec option) {
    return option.setter() instanceof Slot;
  }

  /// New ones each time: an option belongs to one command.
  private List<OptionSpec> options() {
    return List.of(
        text(context, "NAME", "one of `weir context list`", "--context"),
        text(server, "URL", "address of the control plane", "--server"),
        text(key, "KEY", "API key; prefer WEIR_KEY or a context's key file", "--key"),
        text(ca, "FILE", "trust this authority's certificates (PEM) with https", "--ca"),
        text(namespace, "NAME", "instead of the context's, or `default`", "-n", "--namespace"),
        text(output, "FORMAT", "table, json or yaml; some know wide, markdown", "-o", "--output"),
        flag(verbose, "print more detail when something fails", "-v", "--verbose"));
  }

  private static OptionSpec text(Slot slot, String label, String description, String... names) {
    return builder(slot, description, names)
        .type(String.class)
        .arity("1")
        .paramLabel(label)
        .build();
  }

  private static OptionSpec flag(Slot slot, String description, String... names) {
    return builder(slot, description, names).type(boolean.class).arity("0").build();
  }

  private static OptionSpec.Builder builder(Slot slot, String description, String... names) {
    return OptionSpec.builder(names).description(description).getter(slot).setter(slot);
  }

  /// One value, whichever command it was given to.
  private static final class Slot implements IGetter, ISetter {
    private @Nullable Object value;

    Optional<String> text() {
      return value instanceof String text ? Optional.of(text) : Optional.empty();
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"})
    public <T> T get() {
      return (T) value;
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"})
    public <T> T set(T newValue) {
      T old = (T) value;
      // A subcommand resets what it was not given, which must not undo what stood before it.
      if (newValue != null && !Boolean.FALSE.equals(newValue)) {
        value = newValue;
      }
      return old;
    }
  }
}
