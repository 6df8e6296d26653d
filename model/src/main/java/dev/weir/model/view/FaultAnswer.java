// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.status.Fault;
import dev.weir.model.value.Default;
import java.util.List;

/// The response to a request about faults.
///
/// @param message one line for people
/// @param faults the faults that were injected or cleared
public record FaultAnswer(String message, @Default("[]") List<Fault> faults) {
  public FaultAnswer {
    faults = List.copyOf(faults);
  }
}
