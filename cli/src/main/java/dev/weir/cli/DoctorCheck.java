// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A check that `weir doctor` can make on this machine without a control plane.
@FunctionalInterface
public interface DoctorCheck {
  /// @param data the data folder that was named; otherwise the settings' own
  List<CheckResult> findings(Optional<Path> data);

  /// Of a program that serves nothing.
  static DoctorCheck nothing() {
    return _ -> List.of();
  }
}
