// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.snapshot.Telemetry;
import java.io.IOException;

/// Receives telemetry batches.
@FunctionalInterface
public interface TelemetrySink {
  /// @return the newest batch of this boot that the gateway need not send again
  /// @throws IOException when the batch could not be stored and must be sent again
  long accept(Telemetry telemetry) throws IOException;

  /// Called with the lease for a batch before the response is sent.
  default void granted(String gateway, long leaseMillis) {}

  /// The number of connected gateways; 0 when it is not known.
  default int liveGateways() {
    return 0;
  }
}
