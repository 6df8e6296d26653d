// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.audit.AuditHash;
import dev.weir.model.view.AuditEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/// The chain of audit entries: each contains the hash of the previous entry and its own hash.
///
/// [AuditHash] defines the hash, so anyone can verify an exported log.
public final class AuditChain {
  /// The `previousHash` of the first entry.
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

  /// Replaces unpaired surrogates, which only a hostile client sends, with `?`, because they can be
  /// neither stored nor hashed.
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
