// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.cli.WeirCli;
import dev.weir.cli.session.CliIo;
import dev.weir.server.configuration.EnvironmentVariables;
import dev.weir.server.configuration.Setting;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import picocli.CommandLine;

/// The settings, variables and commands of the program.
public final class ServerReference {
  private ServerReference() {}

  /// One setting.
  public record SettingRow(
      String key, String variable, String fallback, String allowed, String meaning) {}

  public static List<SettingRow> settings() {
    return Arrays.stream(Setting.values())
        .map(setting ->
            new SettingRow(
                setting.key(),
                setting.variable(),
                setting.fallback(),
                setting.allowed(),
                setting.meaning()))
        .toList();
  }

  /// Variables that are not settings, each with its meaning.
  public static SequencedMap<String, String> otherVariables() {
    return EnvironmentVariables.others();
  }

  /// The whole command line, as `main` builds it.
  public static CommandLine commandLine() {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    CliIo io =
        new CliIo(
            nowhere,
            nowhere,
            InputStream.nullInputStream(),
            Map.of(),
            false,
            InstantSource.system());
    WeirCli cli = new WeirCli("0", io);
    return cli.commandLine(Weir.serving(cli, TestHooks.NONE));
  }
}
