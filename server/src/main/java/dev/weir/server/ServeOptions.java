// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options of every serving command.
final class ServeOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "settings file; see --print-config")
  @Nullable Path config;

  @Option(names = "--data", paramLabel = "DIR", description = "data folder (default ./weir-data)")
  @Nullable String data;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = "log format: json, text or auto")
  @Nullable String logFormat;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "log level: error, warn, info or debug")
  @Nullable String logLevel;

  @Option(
      names = "--plaintext-beyond-loopback",
      description = "allow plain text on addresses other than loopback")
  boolean plaintextBeyondLoopback;

  @Option(
      names = "--adopt-store",
      description = "accept the store in the data folder although its identity changed; use once")
  boolean adoptStore;

  @Option(
      names = "--print-config",
      description = "print all settings with values and origins, and exit")
  boolean printConfig;

  /// @param others options of the command
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

  /// A switch that is not set does not override lower layers.
  static Optional<String> set(boolean enabled) {
    return enabled ? Optional.of("true") : Optional.empty();
  }

  private static void put(Map<Setting, String> flags, Setting setting, @Nullable String text) {
    if (text != null) {
      flags.put(setting, text);
    }
  }
}
