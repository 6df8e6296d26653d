// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.List;

/// What came of a call about faults.
///
/// @param message one line for people
/// @param faults those that were injected or cleared
public record FaultAnswer(String message, @Default("[]") List<Fault> faults) {
  public FaultAnswer {
    faults = List.copyOf(faults);
  }
}
