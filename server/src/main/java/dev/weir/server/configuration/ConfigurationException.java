// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.configuration;

import java.util.List;
import picocli.CommandLine.IExitCodeGenerator;

/// Invalid settings. The message lists all problems with setting, value and origin. Exits with
/// status 64.
public final class ConfigurationException extends RuntimeException implements IExitCodeGenerator {
  private static final long serialVersionUID = 1L;
  private static final int USAGE = 64;

  public ConfigurationException(List<String> problems) {
    super(
        problems.size() == 1
            ? problems.getFirst()
            : "invalid settings:\n  " + String.join("\n  ", problems));
  }

  @Override
  public int getExitCode() {
    return USAGE;
  }
}
