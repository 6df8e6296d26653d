// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How a rehearsal is played.
///
/// @param weir argv that runs this same Weir
/// @param version of this Weir, for the report
/// @param folder for data and logs of all processes; empty at the start
/// @param trace a recorded trace instead of the fitted one
/// @param rate requests a second
/// @param replicas of each version
/// @param seed of the traffic
public record DemoOptions(
    List<String> weir,
    String version,
    Path folder,
    Optional<Path> trace,
    double rate,
    int replicas,
    long seed) {
  public DemoOptions {
    weir = List.copyOf(weir);
  }

  /// About 60 requests a second of conversations on three simulated GPUs a version.
  public static DemoOptions demo(
      List<String> weir, String version, Path folder, Optional<Path> trace, long seed) {
    return new DemoOptions(weir, version, folder, trace, 60, 3, seed);
  }
}
