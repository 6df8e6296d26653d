// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Finished;

/// One line per request, where wanted. Called on event loops: never blocks, never throws.
public interface AccessLog {
  /// The default: no line.
  AccessLog OFF =
      new AccessLog() {
        @Override
        public void finished(Finished finished) {}

        @Override
        public void refused(String requestId, String method, String path, Failure failure) {}
      };

  void finished(Finished finished);

  void refused(String requestId, String method, String path, Failure failure);
}
