// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

/// Receives events of a request that waits for a [ConcurrencySlot]. It is admitted or rejected
/// once; until then it gets periodic keep-alive calls. Called on any thread; must not block.
public interface QueueListener {
  /// The slot must be released, even if the client disconnected in the meantime.
  void admitted(ConcurrencySlot concurrencySlot);

  void rejected(QueueRejection rejection);

  /// The request has been waiting for [AdmissionQueue#KEEP_ALIVE_NANOS] since it was queued or
  /// since the last keep-alive.
  void keepAlive();
}
