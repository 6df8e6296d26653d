// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The effective settings of one process, and where each came from.
final class Configuration {
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Map<Setting, Value> values;

  private Configuration(Map<Setting, Value> values) {
    this.values = values;
  }

  /// A setting's text and its origin: `default`, `file`, `environment` or `flag`.
  record Value(String text, String origin) {}

  /// Joins the layers.
  ///
  /// @param file `weir.yaml`, when one was named
  /// @throws UsageException naming every unknown key at once, or the file that can't be read
  static Configuration load(
      Optional<Path> file, Map<String, String> environment, Map<Setting, String> flags) {
    Map<Setting, Value> values = new EnumMap<>(Setting.class);
    Map<String, String> fromFile = file.map(Configuration::read).orElse(Map.of());
    for (Setting setting : Setting.values()) {
      Value value = new Value(setting.fallback(), "default");
      value = layered(value, fromFile.get(setting.key()), "file");
      value = layered(value, environment.get(setting.variable()), "environment");
      values.put(setting, layered(value, flags.get(setting), "flag"));
    }
    return new Configuration(values);
  }

  private static Value layered(
      Value below, @org.jspecify.annotations.Nullable String text, String origin) {
    return text == null ? below : new Value(text, origin);
  }

  private static Map<String, String> read(Path file) {
    Map<?, ?> tree;
    try {
      tree = map(YAML.readTree(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UsageException(
          "configuration file " + file + " can't be read: " + UsageException.why(e));
    } catch (JacksonException e) {
      throw new UsageException(
          "configuration file " + file + " is not a YAML map: " + e.getOriginalMessage());
    }
    Map<String, String> texts = new TreeMap<>();
    List<String> unknown = new ArrayList<>();
    tree.forEach((key, value) -> {
      if (!known(String.valueOf(key))) {
        unknown.add(String.valueOf(key));
      } else if (value != null) {
        texts.put(String.valueOf(key), String.valueOf(value));
      }
    });
    if (!unknown.isEmpty()) {
      throw new UsageException(
          "configuration file "
              + file
              + " has unknown keys "
              + unknown
              + "; known are "
              + knownKeys());
    }
    return texts;
  }

  /// A file in which everything is commented out sets nothing.
  private static Map<?, ?> map(JsonNode tree) {
    return tree.isMissingNode() || tree.isNull() ? Map.of() : YAML.convertValue(tree, Map.class);
  }

  private static boolean known(String key) {
    return knownKeys().contains(key);
  }

  private static List<String> knownKeys() {
    List<String> keys = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      keys.add(setting.key());
    }
    return keys;
  }

  String text(Setting setting) {
    return value(setting).text();
  }

  Path path(Setting setting) {
    return Path.of(text(setting)).toAbsolutePath().normalize();
  }

  /// @throws UsageException when it is neither `true` nor `false`
  boolean flag(Setting setting) {
    return switch (text(setting).toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new UsageException(
              setting.key() + " is true or false, not '" + text(setting) + "'");
    };
  }

  /// The listening address of a setting, checked against the rule that plain text stays on
  /// loopback.
  Address address(Setting setting) {
    Address address = Address.parse(setting.key(), text(setting));
    if (!address.loopback() && !flag(Setting.PLAINTEXT_BEYOND_LOOPBACK)) {
      throw new UsageException(
          setting.key()
              + " "
              + address
              + " is not a loopback address, and there is no TLS: keys and prompts would travel in"
              + " plain text. Set "
              + Setting.PLAINTEXT_BEYOND_LOOPBACK.key()
              + ": true to do it all the same");
    }
    return address;
  }

  /// One line a setting: `key: value # origin: meaning`.
  String effective() {
    StringBuilder lines = new StringBuilder();
    for (Setting setting : Setting.values()) {
      Value value = value(setting);
      lines.append(
          String.format(
              Locale.ROOT,
              "%s: \"%s\"   # %s: %s%n",
              setting.key(),
              value.text(),
              value.origin(),
              setting.meaning()));
    }
    return lines.toString();
  }

  private Value value(Setting setting) {
    return java.util.Objects.requireNonNull(values.get(setting));
  }
}
