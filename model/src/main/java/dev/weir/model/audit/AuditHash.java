// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.audit;

import dev.weir.model.codec.CanonicalJson;
import dev.weir.model.codec.Json;
import dev.weir.model.view.AuditEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.databind.node.ObjectNode;

/// The hash of an audit entry: SHA-256, in lower-case hex, over the RFC 8785 canonical JSON of the
/// entry as the API returns it, without the field `hash`. There, `before` and `after` are JSON
/// *strings*, and absent when empty.
public final class AuditHash {
  /// The `previousHash` of the first entry.
  public static final String GENESIS = "0".repeat(64);

  private AuditHash() {}

  /// The hash that the entry must carry.
  public static String of(AuditEntry entry) {
    ObjectNode fields = Json.tree(entry);
    fields.remove("hash");
    byte[] text = CanonicalJson.of(fields).getBytes(StandardCharsets.UTF_8);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
