// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.client.WeirClient;
import dev.weir.model.SettingView;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// `weir config`: the settings that a serving command started here would use, or what is wrong with
/// them; or those of a control plane that runs. Secrets are in it by reference only.
@Command(
    name = "config",
    description = "Print every setting, its value and where it came from.",
    mixinStandardHelpOptions = true)
final class ConfigCommand implements Callable<Integer> {
  @Mixin private ServeOptions serve = new ServeOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "yaml (can be used as --config) or json",
      defaultValue = "yaml")
  private String output = "yaml";

  @Option(
      names = "--running",
      description = "of the control plane that runs (--server, --context), not of one to start")
  private boolean running;

  private final Supplier<WeirClient> client;

  /// @param client of the control plane that this run's options lead to
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
