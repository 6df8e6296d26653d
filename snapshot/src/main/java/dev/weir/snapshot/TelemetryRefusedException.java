// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.io.IOException;

/// The control plane rejected this batch permanently. A retry cannot succeed, so the gateway
/// discards the batch and counts it as lost.
public final class TelemetryRefusedException extends IOException {
  public TelemetryRefusedException(String message) {
    super(message);
  }
}
