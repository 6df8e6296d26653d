// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Commands of `weir` and `./dev` exist, with the options that the documentation gives them.
/// Arguments may be placeholders.
final class CommandCheck implements DocumentCheck {
  private static final Pattern LINE =
      Pattern.compile(
          "^\\s*(?:\\$ )?(?:until |while |if |! |[A-Z_]+=\\$\\(|[A-Z_]+=[^\\s$]* )*"
              + "((?:\\./)?weir|\\./dev)\\s+(.*)$");
  private static final Pattern PLACEHOLDER = Pattern.compile("[A-Z][A-Z-]*|\\.\\.\\.|…");
  private static final Pattern LABEL = Pattern.compile("(?m)^  ([a-z]+)(?: \\|.*)?\\)");

  private final CommandSpec root;
  private final String unmatchedHelp;
  private final String launcher;
  private final String dev;

  /// @param unmatchedHelp the options of commands that read their own
  /// @param launcher the text of the script `./weir`
  /// @param dev the text of the script `./dev`
  CommandCheck(CommandLine root, String unmatchedHelp, String launcher, String dev) {
    this.root = root.getCommandSpec();
    this.unmatchedHelp = unmatchedHelp;
    this.launcher = launcher;
    this.dev = dev;
  }

  @Override
  public Stream<String> problems(MarkdownPage page) {
    Stream<String> lines =
        page.blocks().stream()
            .filter(block -> block.isOneOf("", "bash", "sh", "shell", "console"))
            .flatMap(block -> block.text().replace("\\\n", " ").lines());
    return Stream.concat(lines, page.codeSpans().stream()).flatMap(line -> problem(line).stream());
  }

  private Optional<String> problem(String line) {
    Matcher command = LINE.matcher(line);
    if (!command.matches()) {
      return Optional.empty();
    }
    List<String> words = ShellWords.of(command.group(2));
    Optional<String> problem = command.group(1).equals("./dev") ? dev(words) : weir(words);
    return problem.map(why -> why + " in `" + line.strip() + "`");
  }

  private Optional<String> dev(List<String> words) {
    Set<String> commands =
        LABEL.matcher(dev).results().map(label -> label.group(1)).collect(Collectors.toSet());
    String command = words.isEmpty() ? "" : words.getFirst();
    if (!commands.contains(command) && !PLACEHOLDER.matcher(command).matches()) {
      return Optional.of("./dev has no command '" + command + "'");
    }
    if (command.equals("run")) {
      return weir(words.subList(1, words.size()));
    }
    return words.stream()
        .filter(word -> word.startsWith("--") && !dev.contains(word))
        .findFirst()
        .map(word -> "./dev has no option " + word);
  }

  private Optional<String> weir(List<String> words) {
    CommandSpec spec = root;
    int arguments = 0;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.startsWith("-") && word.length() > 1) {
        String name = word.replaceFirst("=.*", "");
        OptionSpec option = spec.optionsMap().get(name);
        if (option == null && !readsItself(spec, name)) {
          return Optional.of("`%s` has no option %s".formatted(spec.qualifiedName(), name));
        }
        i += option == null || word.contains("=") ? 0 : option.arity().min();
      } else if (spec.subcommands().containsKey(word)) {
        spec = Objects.requireNonNull(spec.subcommands().get(word)).getCommandSpec();
      } else if (PLACEHOLDER.matcher(word).matches() && !spec.subcommands().isEmpty()) {
        return Optional.empty();
      } else if (!spec.subcommands().isEmpty() && spec.positionalParameters().isEmpty()) {
        return Optional.of("`%s` has no command '%s'".formatted(spec.qualifiedName(), word));
      } else if (!word.equals("OPTIONS")) {
        arguments++;
      }
    }
    return tooMany(spec, arguments);
  }

  private boolean readsItself(CommandSpec spec, String option) {
    boolean ofCommand = !spec.unmatchedArgsBindings().isEmpty() && unmatchedHelp.contains(option);
    boolean ofLauncher = spec.parent() == null && launcher.contains(" = " + option + " ");
    return ofCommand || ofLauncher;
  }

  private static Optional<String> tooMany(CommandSpec spec, int arguments) {
    long most = spec.positionalParameters().stream().mapToLong(p -> p.arity().max()).sum();
    return arguments > most && spec.unmatchedArgsBindings().isEmpty()
        ? Optional.of("`%s` takes at most %d arguments".formatted(spec.qualifiedName(), most))
        : Optional.empty();
  }

  /// Splits a command line of a shell up to the command's end.
  private static final class ShellWords {
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean begun;

    static List<String> of(String line) {
      ShellWords shell = new ShellWords();
      shell.read(line);
      return shell.words;
    }

    private void read(String line) {
      int at = 0;
      while (at < line.length() && !ends(line.charAt(at))) {
        at = next(line, at);
      }
      boolean redirected = at < line.length() && line.charAt(at) == '>';
      if (!redirected || !word.toString().matches("\\d")) {
        end();
      }
    }

    private boolean ends(char c) {
      return "|;&)><".indexOf(c) >= 0 || (c == '#' && !begun);
    }

    private int next(String line, int at) {
      char c = line.charAt(at);
      if (c == '"' || c == '\'') {
        int close = line.indexOf(c, at + 1);
        int end = close < 0 ? line.length() : close;
        return append(line.substring(at + 1, end), end + 1);
      }
      if (line.startsWith("$(", at)) {
        int close = line.indexOf(')', at);
        return append("$", close < 0 ? line.length() : close + 1);
      }
      if (Character.isWhitespace(c)) {
        end();
        return at + 1;
      }
      return c == '[' || c == ']' ? at + 1 : append(String.valueOf(c), at + 1);
    }

    private int append(String text, int next) {
      word.append(text);
      begun = true;
      return next;
    }

    private void end() {
      if (begun) {
        words.add(word.toString());
      }
      word.setLength(0);
      begun = false;
    }
  }
}
