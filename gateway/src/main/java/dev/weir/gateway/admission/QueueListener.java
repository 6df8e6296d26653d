// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

/// A request that waits for a [ConcurrencySlot]. It is admitted or rejected once; until then it
/// gets periodic keep-alive calls. On any thread; nothing here blocks.
public interface QueueListener {
  /// The place must be left again, also by who is gone meanwhile.
  void admitted(ConcurrencySlot concurrencySlot);

  void rejected(QueueRejection rejection);

  /// It waits on, for [AdmissionQueue#SIGN_NANOS] since it came or was told so last.
  void keepAlive();
}
