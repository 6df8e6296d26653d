// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;

/// One log line per request, if enabled. Called on event loops: never blocks, never throws.
public interface AccessLog {
  /// The default: no lines.
  AccessLog OFF =
      new AccessLog() {
        @Override
        public void finished(CompletedRequest completed) {}

        @Override
        public void refused(String requestId, String method, String path, Failure failure) {}
      };

  void finished(CompletedRequest completed);

  void refused(String requestId, String method, String path, Failure failure);
}
