// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.regex.Pattern;

/// The store of a snapshot and the head of its audit log. Gateways retain the newest one that they
/// received, as witnesses of both.
///
/// @param id identity of the store; empty when unknown (a control plane of the previous version
///   does not send it)
/// @param auditSequence number of the newest audit entry; 0 when there is none or it is unknown
/// @param auditHead hash of that entry; 64 zeros when there is none, empty when unknown
public record StoreHead(String id, long auditSequence, String auditHead) {
  private static final Pattern ID = Pattern.compile("|[0-9a-f]{32}");
  private static final Pattern HASH = Pattern.compile("|[0-9a-f]{64}");

  /// An unknown store.
  public static final StoreHead UNKNOWN = new StoreHead("", 0, "");

  public StoreHead {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("a store's identity must be 32 hex digits or empty");
    }
    if (!HASH.matcher(auditHead).matches()) {
      throw new IllegalArgumentException("an audit head must be 64 hex digits or empty");
    }
    if (auditSequence < 0) {
      throw new IllegalArgumentException("an audit entry's number must not be negative");
    }
  }

  /// Whether the identity of the store is known.
  public boolean hasId() {
    return !id.isEmpty();
  }

  /// Whether both stores are known and differ.
  public boolean contradicts(StoreHead other) {
    return hasId() && other.hasId() && !id.equals(other.id);
  }

  /// Whether it contains an audit entry to compare.
  public boolean hasAuditEntry() {
    return hasId() && auditSequence > 0;
  }
}
