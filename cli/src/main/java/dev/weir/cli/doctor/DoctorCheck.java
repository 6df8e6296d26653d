// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.doctor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Checks of `weir doctor` that need no control plane.
@FunctionalInterface
public interface DoctorCheck {
  /// @param data the data folder to check; empty uses the configured one
  List<CheckResult> run(Optional<Path> data);

  /// Checks nothing.
  static DoctorCheck nothing() {
    return _ -> List.of();
  }
}
