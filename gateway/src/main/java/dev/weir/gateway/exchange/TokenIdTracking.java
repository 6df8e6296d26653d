// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// Whether the token ids of a stream are tracked.
public enum TokenIdTracking {
  /// Nobody whom this gateway serves by them; a client may get them all the same.
  IGNORED,
  /// The client, which asked for them, and this gateway.
  SHOWN,
  /// This gateway, which asked for them; the client does not get them.
  HIDDEN
}
