// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What `weir doctor` can tell of this machine without a control plane.
@FunctionalInterface
public interface Checkup {
  /// @param data the data folder that was named; otherwise the settings' own
  List<Finding> findings(Optional<Path> data);

  /// Of a program that serves nothing.
  static Checkup nothing() {
    return _ -> List.of();
  }
}
