// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.AuditEntry;
import dev.weir.model.codec.CanonicalJson;
import dev.weir.model.codec.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// How audit entries are chained: each carries the hash of the one before and a hash of itself.
///
/// The hash is SHA-256, in lower-case hex, over the RFC 8785 canonical JSON of the entry as the API
/// shows it, without its field `hash`: whoever has an exported log can check it. `before` and
/// `after` are JSON *strings* in it (the text as kept) and are left out when empty.
public final class AuditChain {
  /// What the first entry names as the hash before it.
  public static final String GENESIS = "0".repeat(64);

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
    ObjectNode fields = Json.tree(entry);
    fields.remove("hash");
    return sha256(CanonicalJson.of(fields));
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

  private static String sha256(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
