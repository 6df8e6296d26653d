// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.AuditEntry;
import java.time.Instant;
import java.util.Optional;

/// The audit entry that a restore appends: from there on the log is another one than that which
/// gateways may have witnessed before the store was lost.
public final class RestoreEntry {
  private static final String ACTION = "store.restore";

  private RestoreEntry() {}

  /// @param entries how many the backup held
  /// @param copiedAt when the backup was made, where it says so
  public static AuditDraft draft(long entries, Optional<Instant> copiedAt) {
    return AuditDraft.byWeir(
        ACTION,
        "restored from a backup%s that ends with entry %d: what the lost store logged after that is not in this log"
            .formatted(copiedAt.map(at -> " of " + at).orElse(""), entries));
  }

  public static boolean is(AuditEntry entry) {
    return entry.action().equals(ACTION) && entry.outcome().equals("allowed");
  }
}
