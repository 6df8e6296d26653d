// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.runtime.AddressRule;
import dev.weir.runtime.lifecycle.LifecycleTiming;
import dev.weir.runtime.probe.GenerationProbe;
import java.time.InstantSource;
import java.util.Map;

/// What the external provider needs to know of its surroundings.
///
/// @param addresses where it may ask
/// @param environment Weir's own variables, for keys by reference
public record ExternalProviderOptions(
    InstantSource clock,
    LifecycleTiming timing,
    GenerationProbe.Limits probeLimits,
    AddressRule addresses,
    Map<String, String> environment) {
  public ExternalProviderOptions {
    environment = Map.copyOf(environment);
  }

  public static ExternalProviderOptions of(
      InstantSource clock, AddressRule addresses, Map<String, String> environment) {
    return new ExternalProviderOptions(
        clock, LifecycleTiming.DEFAULT, GenerationProbe.Limits.DEFAULT, addresses, environment);
  }

  /// Keeps the variables to itself: some are secrets.
  @Override
  public String toString() {
    return "ExternalProviderOptions[timing=" + timing + ", probeLimits=" + probeLimits + "]";
  }
}
