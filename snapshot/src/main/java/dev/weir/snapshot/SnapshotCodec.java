// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.databind.json.JsonMapper;

/// A snapshot as bytes: one line of JSON. Equal snapshots have equal bytes, and their SHA-256
/// identifies the snapshot that a gateway serves.
///
/// A reader accepts its own `formatVersion` and the previous one (see [SnapshotFormats]). Within a
/// version, readers ignore unknown fields; a field that readers require needs a new version. A
/// snapshot is encoded in the format of its `formatVersion`.
public final class SnapshotCodec {
  /// The maximum size of a snapshot in bytes: about 180,000 keys or 300,000 replicas.
  public static final int MAX_BYTES = 64 * 1024 * 1024;

  private SnapshotCodec() {}

  /// @throws IllegalArgumentException when the snapshot is too large, or has a format that this
  ///   program does not write
  public static byte[] encode(RoutingSnapshot snapshot) {
    byte[] bytes = WireJson.write(mapper(snapshot.formatVersion()), snapshot);
    requireSize(snapshot.sequence(), bytes.length);
    return bytes;
  }

  static void requireSize(long sequence, long bytes) {
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "snapshot %d has %d bytes, at most %d can be read".formatted(sequence, bytes, MAX_BYTES));
    }
  }

  /// @throws WireFormatException when the bytes are corrupt, too many, or have a version that this
  ///   program does not read
  public static RoutingSnapshot decode(byte[] bytes) throws WireFormatException {
    if (bytes.length > MAX_BYTES) {
      throw new WireFormatException(
          "snapshot is too large: %d bytes, at most %d are read"
              .formatted(bytes.length, MAX_BYTES));
    }
    long version = format(bytes);
    if (!SnapshotFormats.READABLE.contains((int) version)) {
      throw new WireFormatException(
          "snapshot has formatVersion %d, this program reads %d to %d: update the older of gateway"
                  .formatted(
                      version,
                      SnapshotFormats.READABLE.getFirst(),
                      SnapshotFormats.READABLE.getLast())
              + " and control plane");
    }
    return WireJson.read(
        mapper((int) version), bytes, RoutingSnapshot.class, MAX_BYTES, "snapshot");
  }

  static boolean isNewestFormat(byte[] encoded) throws WireFormatException {
    return format(encoded) == RoutingSnapshot.FORMAT_VERSION;
  }

  private static long format(byte[] bytes) throws WireFormatException {
    return WireJson.topLevelInteger(bytes, "formatVersion", "snapshot");
  }

  private static JsonMapper mapper(int format) {
    return switch (format) {
      case SnapshotFormat3.NUMBER -> SnapshotFormat3.MAPPER;
      case RoutingSnapshot.FORMAT_VERSION -> WireJson.MAPPER;
      default -> throw new IllegalArgumentException("no snapshot format " + format);
    };
  }

  /// Hex SHA-256 of the encoded bytes.
  public static String hash(byte[] encoded) {
    return HexFormat.of().formatHex(sha256().digest(encoded));
  }

  /// A snapshot with its hash, as links deliver it.
  public static ControlLink.Published publish(RoutingSnapshot snapshot) {
    return new ControlLink.Published(snapshot, hash(encode(snapshot)));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
