// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.AuditEntry;
import dev.weir.model.audit.AuditHash;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/// How audit entries are chained: each carries the hash of the one before and a hash of itself.
///
/// What is hashed says [AuditHash]: whoever has an exported log can check it.
public final class AuditChain {
  /// What the first entry names as the hash before it.
  public static final String GENESIS = AuditHash.GENESIS;

  private AuditChain() {}

  /// The entry that follows the entry (`sequence`, `head`).
  public static AuditEntry append(
      long sequence,
      String head,
      AuditDraft draft,
      Instant at,
      long revision,
      Optional<String> before,
      Optional<String> after) {
    AuditEntry unsealed =
        new AuditEntry(
            sequence + 1,
            at,
            text(draft.principal()),
            text(draft.sourceAddress()),
            text(draft.requestId()),
            text(draft.action()),
            text(draft.subject()),
            revision,
            text(draft.outcome()),
            before,
            after,
            text(draft.reason()),
            head,
            "");
    return withHash(unsealed, hash(unsealed));
  }

  /// The hash that the entry must carry.
  public static String hash(AuditEntry entry) {
    return AuditHash.of(entry);
  }

  /// Half a surrogate pair, which only a hostile client sends, is no Unicode and can be neither
  /// stored nor hashed: it becomes `?`.
  private static String text(String given) {
    return new String(given.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static AuditEntry withHash(AuditEntry entry, String hash) {
    return new AuditEntry(
        entry.sequence(),
        entry.at(),
        entry.principal(),
        entry.sourceAddress(),
        entry.requestId(),
        entry.action(),
        entry.subject(),
        entry.revision(),
        entry.outcome(),
        entry.before(),
        entry.after(),
        entry.reason(),
        entry.previousHash(),
        hash);
  }
}
