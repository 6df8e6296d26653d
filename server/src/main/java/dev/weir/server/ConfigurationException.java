// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.util.List;
import picocli.CommandLine.IExitCodeGenerator;

/// Settings that cannot be served with: every problem at once, each with the setting, its value and
/// where it came from. Ends with status 64.
final class ConfigurationException extends RuntimeException implements IExitCodeGenerator {
  private static final long serialVersionUID = 1L;
  private static final int WRONG_USAGE = 64;

  ConfigurationException(List<String> problems) {
    super(
        problems.size() == 1
            ? problems.getFirst()
            : "the settings cannot be used:\n  " + String.join("\n  ", problems));
  }

  @Override
  public int getExitCode() {
    return WRONG_USAGE;
  }
}
