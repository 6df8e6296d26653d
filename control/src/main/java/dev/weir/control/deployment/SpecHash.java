// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.weir.model.ReleaseSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Hex SHA-256 over JSON with sorted fields and map entries: equal content, equal hash, in every
/// process. What a release waits for is left out: it changes nothing that is tried.
public final class SpecHash {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .addMixIn(ReleaseSpec.class, Patience.class)
          .build();

  /// What a release waits for.
  interface Patience {
    @JsonIgnore
    List<String> after();
  }

  private SpecHash() {}

  public static String of(Object... parts) {
    byte[] text = JSON.writeValueAsString(List.of(parts)).getBytes(StandardCharsets.UTF_8);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
