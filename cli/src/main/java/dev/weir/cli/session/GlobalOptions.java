// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/// Options that are accepted before or after any command. A command's own option of the same name
/// takes precedence.
public final class GlobalOptions {
  private static final String NAMES = "--context, --server, --key, --ca, -n, -o, -v";

  /// Printed at the end of each command's usage.
  public static final String HINT = "Global options (" + NAMES + "): see `weir --help`";

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

  public Optional<String> server() {
    return server.text();
  }

  Optional<String> key() {
    return key.text();
  }

  public Optional<String> ca() {
    return ca.text();
  }

  public Optional<String> namespace() {
    return namespace.text();
  }

  Optional<String> output() {
    return output.text();
  }

  public boolean verbose() {
    return Boolean.TRUE.equals(verbose.value);
  }

  /// Adds the options to a command and all its subcommands.
  public void attachTo(CommandSpec spec) {
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

  /// Whether an option is global; a command's help omits these.
  public boolean owns(OptionSpec option) {
    return option.setter() instanceof Slot;
  }

  /// Creates new instances each time, because an option belongs to one command.
  private List<OptionSpec> options() {
    return List.of(
        text(context, "NAME", "context to use, see `weir context list`", "--context"),
        text(server, "URL", "address of the control plane", "--server"),
        text(key, "KEY", "API key; prefer WEIR_KEY or a context's key file", "--key"),
        text(ca, "FILE", "CA certificates to trust with https (PEM)", "--ca"),
        text(
            namespace,
            "NAME",
            "namespace (default: the context's, or `default`)",
            "-n",
            "--namespace"),
        text(
            output,
            "FORMAT",
            "format: table, json or yaml; some commands add wide, markdown",
            "-o",
            "--output"),
        flag(verbose, "print details of errors", "-v", "--verbose"));
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

  /// The value of one option, shared by all commands.
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
      T previous = (T) value;
      // A subcommand resets options that it did not receive; keep a value given before it.
      if (newValue != null && !Boolean.FALSE.equals(newValue)) {
        value = newValue;
      }
      return previous;
    }
  }
}
