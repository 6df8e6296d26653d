// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.snapshot.Telemetry;
import java.io.IOException;

/// Where batches go.
@FunctionalInterface
public interface TelemetrySink {
  /// @return the newest batch of this boot that need not be sent again
  /// @throws IOException when the batch could not be kept and must be sent again
  long accept(Telemetry telemetry) throws IOException;

  /// Is told what lease the batch is answered with, before the answer goes out.
  default void granted(String gateway, long leaseMillis) {}

  /// How many gateways are connected now; 0 when that is not known.
  default int liveGateways() {
    return 0;
  }
}
