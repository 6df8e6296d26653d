// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.io.IOException;

/// The control plane understood the batch's sender and refused the batch itself: sending the same
/// batch again cannot help, so it is given up and counted as lost.
public final class TelemetryRefusedException extends IOException {
  public TelemetryRefusedException(String message) {
    super(message);
  }
}
