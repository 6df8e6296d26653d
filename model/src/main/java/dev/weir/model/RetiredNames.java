// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import static java.util.stream.Collectors.groupingBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Names that an earlier version used for fields, metrics, labels and options. An old name works
/// for one version beside the new one. The list is the resource `retired-names.tsv`.
public final class RetiredNames {
  private static final RetiredNames SHIPPED = shipped();
  private static final int COLUMNS = 5;

  private final List<RetiredName> names;
  private final Map<NameKind, Map<String, List<RetiredName>>> byOwner;

  private RetiredNames(List<RetiredName> names) {
    this.names = List.copyOf(names);
    this.byOwner =
        names.stream().collect(groupingBy(RetiredName::kind, groupingBy(RetiredName::owner)));
  }

  /// What a name names, and how the list separates it from its owner.
  public enum NameKind {
    FIELD("field", "."),
    METRIC("metric", "."),
    LABEL("label", "."),
    LABEL_VALUE("label-value", "."),
    OPTION("option", ": "),
    COMMAND("command", ": ");

    private final String text;
    private final String separator;

    NameKind(String text, String separator) {
      this.text = text;
      this.separator = separator;
    }

    private static NameKind of(String text) {
      return Arrays.stream(values())
          .filter(kind -> kind.text.equals(text))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("unknown kind of retired name: " + text));
    }
  }

  /// A retired name.
  ///
  /// @param owner what the name belongs to: a record, a metric or a command; empty for a name of
  ///   its own
  /// @param successor the new name; empty when there is none
  /// @param since the version that retired it
  /// @param remedy what to do where there is no successor
  public record RetiredName(
      NameKind kind,
      String owner,
      String name,
      Optional<String> successor,
      String since,
      String remedy) {}

  /// The names that this version retired.
  public static RetiredNames current() {
    return SHIPPED;
  }

  /// Reads a list of tab-separated lines: kind, old name, new name, version, remedy.
  ///
  /// @throws IllegalArgumentException naming the line that is invalid
  public static RetiredNames parse(String text) {
    return new RetiredNames(
        text.lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(RetiredNames::line)
            .toList());
  }

  /// All names of a kind, in the order of the list.
  public List<RetiredName> ofKind(NameKind kind) {
    return names.stream().filter(name -> name.kind() == kind).toList();
  }

  /// The retired names of one owner.
  public List<RetiredName> of(NameKind kind, String owner) {
    return byOwner.getOrDefault(kind, Map.of()).getOrDefault(owner, List.of());
  }

  private static RetiredName line(String line) {
    String[] columns = line.split("\t", -1);
    if (columns.length != COLUMNS || columns[2].isEmpty() == columns[4].isEmpty()) {
      throw new IllegalArgumentException(
          "a retired name needs 5 columns and either a new name or a remedy: " + line);
    }
    NameKind kind = NameKind.of(columns[0]);
    int end = columns[1].lastIndexOf(kind.separator);
    String owner = end < 0 ? "" : columns[1].substring(0, end);
    String name = columns[1].substring(end < 0 ? 0 : end + kind.separator.length());
    Optional<String> successor = Optional.of(columns[2]).filter(text -> !text.isEmpty());
    return new RetiredName(kind, owner, name, successor, columns[3], columns[4]);
  }

  private static RetiredNames shipped() {
    try (InputStream in = RetiredNames.class.getResourceAsStream("retired-names.tsv")) {
      if (in == null) {
        throw new IllegalStateException("retired-names.tsv is missing in the jar");
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
