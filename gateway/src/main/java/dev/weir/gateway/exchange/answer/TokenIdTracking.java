// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

/// Whether the token ids of a stream are tracked.
public enum TokenIdTracking {
  /// The gateway ignores them; the client may still receive them.
  IGNORED,
  /// Requested by the client; used by the gateway too.
  SHOWN,
  /// Requested by the gateway; removed from what the client receives.
  HIDDEN
}
