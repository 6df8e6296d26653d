// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.EncodedEntry.Section;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The difference between two snapshots. As bytes it is one line of JSON (see [SnapshotFrames]).
///
/// @param from sequence of the snapshot that it starts at
/// @param hash of the bytes of the whole resulting snapshot
/// @param removed names of the entries that are no longer part of the snapshot, by section
/// @param changed bytes of a snapshot with the new or changed entries only
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record SnapshotDelta(long from, String hash, Map<Section, List<String>> removed, byte[] changed) {
  private static final byte[] CHANGED = ",\"snapshot\":".getBytes(StandardCharsets.US_ASCII);

  byte[] encode() {
    Map<String, List<String>> names = new LinkedHashMap<>();
    for (Section section : Section.values()) {
      names.put(section.field(), removed.getOrDefault(section, List.of()));
    }
    var bytes = new ByteArrayOutputStream(changed.length + 512);
    bytes.writeBytes(
        "{\"from\":%d,\"hash\":\"%s\",\"removed\":"
            .formatted(from, hash)
            .getBytes(StandardCharsets.US_ASCII));
    bytes.writeBytes(WireJson.write(names));
    bytes.writeBytes(CHANGED);
    bytes.writeBytes(changed);
    bytes.write('}');
    return bytes.toByteArray();
  }

  /// Unknown fields are ignored.
  ///
  /// @throws WireFormatException when a field is missing or has the wrong form
  static SnapshotDelta decode(byte[] bytes) throws WireFormatException {
    long from = 0;
    String hash = "";
    Map<Section, List<String>> removed = Map.of();
    byte[] changed = {};
    try (JsonParser parser = WireJson.MAPPER.createParser(bytes)) {
      WireJson.require(parser.nextToken() == JsonToken.START_OBJECT, "a delta is an object");
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "from" -> from = parser.getLongValue();
          case "hash" -> hash = parser.getString();
          case "removed" -> removed = removed(object(parser, value, bytes));
          case "snapshot" -> changed = object(parser, value, bytes);
          default -> {
            JsonParser _ = parser.skipChildren();
          }
        }
      }
    } catch (JacksonException | IllegalArgumentException e) {
      throw new WireFormatException("a delta cannot be read: " + e.getMessage(), e);
    }
    if (from <= 0 || hash.isEmpty() || removed.isEmpty() || changed.length == 0) {
      throw new WireFormatException("a delta needs from, hash, removed and snapshot");
    }
    return new SnapshotDelta(from, hash, removed, changed);
  }

  private record Removed(List<String> keys, List<String> routes, List<String> services) {}

  private static byte[] object(JsonParser parser, JsonToken value, byte[] bytes) {
    WireJson.require(value == JsonToken.START_OBJECT, "an object is missing");
    return WireJson.slice(parser, bytes);
  }

  private static Map<Section, List<String>> removed(byte[] json) throws WireFormatException {
    Removed removed =
        WireJson.read(json, Removed.class, SnapshotCodec.MAX_BYTES, "the list of removed entries");
    Map<Section, List<String>> bySection = new EnumMap<>(Section.class);
    bySection.put(Section.KEYS, removed.keys());
    bySection.put(Section.ROUTES, removed.routes());
    bySection.put(Section.SERVICES, removed.services());
    return bySection;
  }
}
