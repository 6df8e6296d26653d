// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Options of a demo run.
///
/// @param weir argv that starts this Weir
/// @param version of this Weir, for the report
/// @param folder empty folder for data and logs of all processes
/// @param trace a recorded trace instead of the fitted one
/// @param rate requests per second
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

  /// About 60 requests per second of conversations, on three simulated GPUs per version.
  public static DemoOptions demo(
      List<String> weir, String version, Path folder, Optional<Path> trace, long seed) {
    return new DemoOptions(weir, version, folder, trace, 60, 3, seed);
  }
}
