// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.view.AuditEntry;
import java.time.Instant;
import java.util.Optional;

/// The audit entry that a restore appends. From this entry on, the log may differ from the one that
/// gateways witnessed before the store was lost.
public final class RestoreEntry {
  private static final String ACTION = "store.restore";

  private RestoreEntry() {}

  /// @param entries number of audit entries in the backup
  /// @param copiedAt when the backup was made, if recorded
  public static AuditDraft draft(long entries, Optional<Instant> copiedAt) {
    return AuditDraft.byWeir(
        ACTION,
        "restored from a backup%s up to entry %d: later entries of the lost store are missing"
            .formatted(copiedAt.map(at -> " of " + at).orElse(""), entries));
  }

  public static boolean is(AuditEntry entry) {
    return entry.action().equals(ACTION) && entry.outcome().equals("allowed");
  }
}
