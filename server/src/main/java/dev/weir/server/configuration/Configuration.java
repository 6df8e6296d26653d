// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.configuration;

import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.model.codec.Suggestions;
import dev.weir.model.view.SettingView;
import dev.weir.server.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The effective settings of one process, with the origin of each.
public final class Configuration {
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// The settings for a listener's certificate and key.
  private static final Map<Setting, Setting> CERTIFICATES =
      Map.of(Setting.GATEWAY, Setting.GATEWAY_CERT, Setting.CONTROL, Setting.CONTROL_CERT);

  private static final Map<Setting, Setting> KEYS =
      Map.of(Setting.GATEWAY, Setting.GATEWAY_CERT_KEY, Setting.CONTROL, Setting.CONTROL_CERT_KEY);

  private final Map<Setting, Value> values;

  private Configuration(Map<Setting, Value> values) {
    this.values = values;
  }

  /// A setting's text and its origin, for example `default`, `file weir.yaml`, `environment` or
  /// `flag`.
  record Value(String text, String origin) {}

  /// Merges the layers.
  ///
  /// @param file the configuration file, if there is one
  /// @throws ConfigurationException listing all problems: unknown keys, misspelt variables, invalid
  ///   values, or an unreadable file
  public static Configuration load(
      Optional<Path> file, Map<String, String> environment, Map<Setting, String> flags) {
    Map<String, String> fromFile = file.map(Configuration::read).orElse(Map.of());
    String fileOrigin = file.map(path -> "file " + path).orElse("file");
    Map<Setting, Value> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      Value value = new Value(setting.fallback(), "default");
      value = override(value, fromFile.get(setting.key()), fileOrigin);
      value =
          override(value, environment.get(setting.variable()), "environment " + setting.variable());
      values.put(setting, override(value, flags.get(setting), "flag"));
    }
    Configuration configuration = new Configuration(values);
    List<String> problems = new ArrayList<>();
    problems.addAll(EnvironmentVariables.misspelt(environment));
    file.ifPresent(path -> problems.addAll(unknownKeys(path, fromFile.keySet())));
    problems.addAll(configuration.problems());
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return configuration;
  }

  private static Value override(Value base, @Nullable String text, String origin) {
    return text == null ? base : new Value(text, origin);
  }

  private static Map<String, String> read(Path file) {
    Map<?, ?> tree;
    try {
      tree = map(YAML.readTree(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new ConfigurationException(
          List.of("cannot read configuration file " + file + ": " + UsageException.why(e)));
    } catch (JacksonException e) {
      throw new ConfigurationException(
          List.of("configuration file " + file + " is not a YAML map of keys and values" + at(e)));
    }
    Map<String, String> texts = new TreeMap<>();
    tree.forEach((key, value) -> {
      if (value != null || !knownKeys().contains(String.valueOf(key))) {
        texts.put(String.valueOf(key), String.valueOf(value));
      }
    });
    return texts;
  }

  /// The position of a syntax error. The parser's own message quotes the text, which may contain a
  /// secret.
  private static String at(JacksonException e) {
    TokenStreamLocation place = e.getLocation();
    return place == null || place.getLineNr() < 1
        ? ""
        : ": see line %d, column %d".formatted(place.getLineNr(), place.getColumnNr());
  }

  /// A file that contains only comments has no settings.
  private static Map<?, ?> map(JsonNode tree) {
    return tree.isMissingNode() || tree.isNull() ? Map.of() : YAML.convertValue(tree, Map.class);
  }

  private static List<String> unknownKeys(Path file, Set<String> keys) {
    return keys.stream()
        .filter(key -> !knownKeys().contains(key))
        .map(key ->
            "configuration file %s has an unknown key '%s'%s".formatted(file, key, hint(key)))
        .toList();
  }

  private static String hint(String key) {
    String hint = Suggestions.hint(key, knownKeys());
    return hint.isEmpty() ? "; known keys: " + String.join(", ", knownKeys()) : hint;
  }

  private static List<String> knownKeys() {
    return Stream.of(Setting.values()).map(Setting::key).toList();
  }

  // --- checks

  private List<String> problems() {
    List<String> problems = new ArrayList<>();
    values.forEach((setting, value) ->
        setting
            .problem(value.text())
            .ifPresent(why -> problems.add(setting.key() + " " + why + from(setting))));
    if (problems.isEmpty()) {
      CERTIFICATES.keySet().stream().sorted().forEach(l -> listenerProblem(l, problems));
    }
    return problems;
  }

  private void listenerProblem(Setting listener, List<String> problems) {
    Setting certificate = setting(CERTIFICATES, listener);
    Setting key = setting(KEYS, listener);
    if (text(certificate).isEmpty() != text(key).isEmpty()) {
      problems.add(
          "set both %s and %s: one of them is missing".formatted(certificate.key(), key.key()));
      return;
    }
    Address address = address(listener);
    if (text(certificate).isEmpty()
        && !flag(Setting.PLAINTEXT_BEYOND_LOOPBACK)
        && !address.loopback()) {
      problems.add(
          ("%s %s%s is not a loopback address and TLS is not configured: keys and prompts would be sent"
                  + " in plain text. Set %s and %s, or set %s: true to allow"
                  + " plain text")
              .formatted(
                  listener.key(),
                  address,
                  from(listener),
                  certificate.key(),
                  key.key(),
                  Setting.PLAINTEXT_BEYOND_LOOPBACK.key()));
    }
  }

  private String from(Setting setting) {
    return " (from " + value(setting).origin() + ")";
  }

  // --- reading

  public String text(Setting setting) {
    return value(setting).text();
  }

  public Path path(Setting setting) {
    return Path.of(text(setting)).toAbsolutePath().normalize();
  }

  /// Empty if the setting is not set.
  public Optional<Path> file(Setting setting) {
    return text(setting).isEmpty() ? Optional.empty() : Optional.of(path(setting));
  }

  public boolean flag(Setting setting) {
    return Boolean.parseBoolean(text(setting));
  }

  /// The address of a listener.
  public Address address(Setting listener) {
    return Address.parse(listener.key(), text(listener));
  }

  /// The certificate files of a listener; empty for plain HTTP.
  public Optional<TlsFiles> tls(Setting listener) {
    return file(setting(CERTIFICATES, listener))
        .map(certificate -> new TlsFiles(certificate, path(setting(KEYS, listener))));
  }

  private static Setting setting(Map<Setting, Setting> of, Setting listener) {
    return Optional.ofNullable(of.get(listener))
        .orElseThrow(() -> new IllegalArgumentException(listener + " is not a listener"));
  }

  /// All settings, in their order.
  public List<SettingView> settings() {
    return Stream.of(Setting.values())
        .map(setting -> {
          Value value = value(setting);
          return new SettingView(setting.key(), value.text(), value.origin(), setting.meaning());
        })
        .toList();
  }

  /// One line per setting: `key: "value" # origin: meaning`. The output is a valid configuration
  /// file.
  public static String lines(List<SettingView> settings) {
    StringBuilder lines = new StringBuilder();
    for (SettingView setting : settings) {
      lines
          .append(setting.key())
          .append(": ")
          .append(JsonMapper.shared().writeValueAsString(setting.value()))
          .append("   # ")
          .append(TerminalSanitizer.line(setting.origin()))
          .append(": ")
          .append(TerminalSanitizer.line(setting.meaning()))
          .append('\n');
    }
    return lines.toString();
  }

  /// The settings as a tree, for JSON output.
  public static Map<String, Value> tree(List<SettingView> settings) {
    Map<String, Value> tree = new LinkedHashMap<>();
    settings.forEach(
        setting -> tree.put(setting.key(), new Value(setting.value(), setting.origin())));
    return tree;
  }

  private Value value(Setting setting) {
    return java.util.Objects.requireNonNull(values.get(setting));
  }
}
