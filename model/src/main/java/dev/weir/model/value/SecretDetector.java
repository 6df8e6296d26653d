// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Detects secrets: by the name of a field, variable or option (`HF_TOKEN`, `apiKey`, `--api-key`),
/// or as the password of a URL. Weir stores secrets by reference only, and never repeats one that a
/// user entered by mistake.
public final class SecretDetector {
  public static final String HIDDEN = "(not shown)";

  private static final List<String> REFERENCES = List.of("env:", "file:");
  private static final Set<String> WORDS =
      Set.of(
          "password",
          "passwd",
          "pwd",
          "passphrase",
          "secret",
          "secrets",
          "credential",
          "credentials",
          "authorization",
          "apikey",
          "accesskey",
          "privatekey",
          "authtoken");

  /// Words before `key` that make it a secret; other keys are harmless.
  private static final Set<String> BEFORE_KEY =
      Set.of("api", "access", "private", "auth", "signing", "encryption", "account");

  /// Words before `token` that denote text tokens and their times rather than access tokens.
  private static final Set<String> BEFORE_TEXT_TOKEN =
      Set.of(
          "first", "last", "next", "per", "max", "min", "eos", "bos", "pad", "unk", "sep", "mask",
          "stop", "start", "end", "special", "image", "audio", "video", "inter", "think");

  /// Last words that denote a secret's location or name, which are not secret.
  private static final Set<String> ABOUT =
      Set.of("file", "path", "dir", "name", "length", "count", "type");

  /// A shortened text may end inside the password. The bound on the scheme's length avoids
  /// quadratic time on long texts of letters.
  private static final Pattern URL_PASSWORD =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]{0,31}://[^\\s/@:?#]*):[^\\s/@]+(@|\\.\\.\\.$)");

  private static final Pattern QUERY = Pattern.compile("([?&;])([^=&;?\\s]+)=([^&;\\s]+)");
  private static final Pattern OPTION = Pattern.compile("(?<=^|\\s)--?([A-Za-z][\\w-]*)[= ]\\S+");

  private SecretDetector() {}

  /// Whether the name suggests a secret value.
  public static boolean isSecretName(String name) {
    List<String> words =
        List.of(
            name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT)
                .split("[^a-z0-9]+", 0));
    String last = words.isEmpty() ? "" : words.getLast();
    if (ABOUT.contains(last)) {
      return false;
    }
    if (words.stream().anyMatch(WORDS::contains)) {
      return true;
    }
    String before = words.size() < 2 ? "" : words.get(words.size() - 2);
    return switch (last) {
      case "token" -> !BEFORE_TEXT_TOKEN.contains(before);
      case "key" -> BEFORE_KEY.contains(before);
      default -> false;
    };
  }

  /// Whether the value is a reference to a secret rather than the secret.
  public static boolean isReference(String value) {
    return REFERENCES.stream().anyMatch(value::startsWith);
  }

  /// Whether the text contains a URL with a password or a token.
  public static boolean inUrl(String text) {
    return !withoutUrlSecrets(text).equals(text);
  }

  /// A form of the value that is safe for messages and logs.
  ///
  /// @param path path of its field, as in problems
  public static String redact(String path, String value) {
    boolean secret = !value.isEmpty() && !isReference(value) && secretPath(path);
    return secret ? HIDDEN : withoutOptions(withoutUrlSecrets(value));
  }

  /// The part before a colon names a document or a file, not the field.
  private static boolean secretPath(String path) {
    String field = path.substring(path.lastIndexOf(": ") + 1);
    for (String name : field.split("[.\\[\\]\" ]+", 0)) {
      if (isSecretName(name)) {
        return true;
      }
    }
    return false;
  }

  private static String withoutUrlSecrets(String text) {
    if (!text.contains("://")) {
      return text;
    }
    return QUERY
        .matcher(URL_PASSWORD.matcher(text).replaceAll("$1:***$2"))
        .replaceAll(found ->
            Matcher.quoteReplacement(
                isSecretName(found.group(2))
                    ? found.group(1) + found.group(2) + "=***"
                    : found.group()));
  }

  private static String withoutOptions(String text) {
    return OPTION
        .matcher(text)
        .replaceAll(found ->
            Matcher.quoteReplacement(
                isSecretName(found.group(1)) ? "--" + found.group(1) + " ***" : found.group()));
  }
}
