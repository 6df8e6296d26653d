// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.regex.Pattern;

/// Which store a snapshot was compiled from, and how long that store's audit log was. Gateways keep
/// the newest one that they were sent, so that they can witness both.
///
/// @param id identity of the store; empty when it is not known (a control plane of the version
///   before does not send it)
/// @param auditSequence number of the newest audit entry; 0 when there is none or it is not known
/// @param auditHead hash of that entry; 64 zeros when there is none, empty when it is not known
public record StoreHead(String id, long auditSequence, String auditHead) {
  private static final Pattern ID = Pattern.compile("|[0-9a-f]{32}");
  private static final Pattern HASH = Pattern.compile("|[0-9a-f]{64}");

  /// Nothing is known.
  public static final StoreHead UNKNOWN = new StoreHead("", 0, "");

  public StoreHead {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("a store's identity is 32 hex digits or empty");
    }
    if (!HASH.matcher(auditHead).matches()) {
      throw new IllegalArgumentException("an audit head is 64 hex digits or empty");
    }
    if (auditSequence < 0) {
      throw new IllegalArgumentException("an audit entry's number is not negative");
    }
  }

  /// Whether the store is known.
  public boolean named() {
    return !id.isEmpty();
  }

  /// Whether both are of known stores, and of different ones.
  public boolean contradicts(StoreHead other) {
    return named() && other.named() && !id.equals(other.id);
  }

  /// Whether there is an audit entry to compare.
  public boolean witnesses() {
    return named() && auditSequence > 0;
  }
}
