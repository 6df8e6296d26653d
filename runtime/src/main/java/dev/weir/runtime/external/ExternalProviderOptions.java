// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.runtime.AddressRule;
import dev.weir.runtime.lifecycle.LifecycleTiming;
import dev.weir.runtime.probe.GenerationProbe;
import java.time.InstantSource;
import java.util.Map;

/// Dependencies of the external provider.
///
/// @param addresses the addresses that it may call
/// @param environment Weir's environment variables, for references to keys
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

  /// Omits the variables, because some are secrets.
  @Override
  public String toString() {
    return "ExternalProviderOptions[timing=" + timing + ", probeLimits=" + probeLimits + "]";
  }
}
