// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Flags that every serving command takes.
final class ServeOptions {
  @Option(names = "--config", paramLabel = "FILE", description = "settings; see --print-config")
  @Nullable Path config;

  @Option(names = "--data", paramLabel = "DIR", description = "folder for all that is kept")
  @Nullable String data;

  @Option(names = "--log-format", paramLabel = "FORMAT", description = "json, text or auto")
  @Nullable String logFormat;

  @Option(names = "--log-level", paramLabel = "LEVEL", description = "error, warn, info or debug")
  @Nullable String logLevel;

  @Option(
      names = "--plaintext-beyond-loopback",
      description = "allow addresses other than loopback without TLS")
  boolean plaintextBeyondLoopback;

  @Option(
      names = "--adopt-store",
      description = "once, after a store was lost on purpose: the store that is found is meant")
  boolean adoptStore;

  @Option(
      names = "--print-config",
      description = "print every setting, its value and its origin, and end")
  boolean printConfig;

  /// @param others flags of the command itself
  @SafeVarargs
  final Configuration load(Map<Setting, Optional<String>>... others) {
    Map<Setting, String> flags = new EnumMap<>(Setting.class);
    put(flags, Setting.DATA, data);
    put(flags, Setting.LOG_FORMAT, logFormat);
    put(flags, Setting.LOG_LEVEL, logLevel);
    if (plaintextBeyondLoopback) {
      flags.put(Setting.PLAINTEXT_BEYOND_LOOPBACK, "true");
    }
    if (adoptStore) {
      flags.put(Setting.ADOPT_STORE, "true");
    }
    for (Map<Setting, Optional<String>> some : others) {
      some.forEach((setting, text) -> text.ifPresent(value -> flags.put(setting, value)));
    }
    return Configuration.load(Optional.ofNullable(config), System.getenv(), flags);
  }

  /// A switch that was not given leaves the decision to the layers below.
  static Optional<String> set(boolean given) {
    return given ? Optional.of("true") : Optional.empty();
  }

  private static void put(Map<Setting, String> flags, Setting setting, @Nullable String text) {
    if (text != null) {
      flags.put(setting, text);
    }
  }
}
