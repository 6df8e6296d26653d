// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.runtime.lifecycle.Timing;
import dev.weir.runtime.probe.GenerationProbe;
import java.time.InstantSource;
import java.util.Set;

/// What the external provider needs to know of its surroundings.
///
/// @param addresses where it may ask
public record ExternalProviderOptions(
    InstantSource clock, Timing timing, GenerationProbe.Limits probeLimits, AddressRule addresses) {
  /// @param ownPorts Weir's own ports, which users may not send it to
  public static ExternalProviderOptions of(InstantSource clock, Set<Integer> ownPorts) {
    return new ExternalProviderOptions(
        clock, Timing.DEFAULT, GenerationProbe.Limits.DEFAULT, new AddressRule(ownPorts));
  }
}
