// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// `weir config`: the settings that a serving command started here would use, or what is wrong with
/// them. Secrets are in it by reference only.
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

  @Override
  public Integer call() {
    Checks.oneOf("yaml", "json")
        .problem(output)
        .ifPresent(why -> {
          throw new ConfigurationException(java.util.List.of("-o " + why));
        });
    Configuration configuration = serve.load(java.util.Map.of());
    System.out.print(
        output.equals("json")
            ? JsonMapper.shared()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(configuration.tree())
                + "\n"
            : configuration.effective());
    System.out.flush();
    return 0;
  }
}
