// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.client.WeirClient;
import dev.weir.model.view.SettingView;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.ConfigurationException;
import dev.weir.server.configuration.SettingChecks;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// `weir config`: prints the settings that a serving command would use here, or those of a running
/// control plane. Secrets appear only as references.
@Command(
    name = "config",
    description = "Print all settings with their values and origins.",
    mixinStandardHelpOptions = true)
final class ConfigCommand implements Callable<Integer> {
  @Mixin private ServeOptions serve = new ServeOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "format: yaml (usable as --config file) or json",
      defaultValue = "yaml")
  private String output = "yaml";

  @Option(
      names = "--running",
      description = "print the settings of the running control plane (--server, --context)")
  private boolean running;

  private final Supplier<WeirClient> client;

  /// @param client client of the control plane that the options select
  ConfigCommand(Supplier<WeirClient> client) {
    this.client = client;
  }

  @Override
  public Integer call() {
    SettingChecks.oneOf("yaml", "json")
        .problem(output)
        .ifPresent(why -> {
          throw new ConfigurationException(List.of("-o " + why));
        });
    List<SettingView> settings =
        running ? client.get().configuration() : serve.load(Map.of()).settings();
    System.out.print(
        output.equals("json")
            ? JsonMapper.shared()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(Configuration.tree(settings))
                + "\n"
            : Configuration.lines(settings));
    System.out.flush();
    return 0;
  }
}
