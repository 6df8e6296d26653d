// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A snapshot as bytes: one line of JSON, equal snapshots give equal bytes, and their SHA-256 names
/// the picture that a gateway serves.
///
/// A reader accepts its own `formatVersion` and the one before (the first has none before it).
/// Inside a version unknown fields are ignored; a field that readers cannot do without takes a new
/// version.
public final class SnapshotCodec {
  /// The most bytes a snapshot may have: about 200,000 keys or 300,000 replicas.
  public static final int MAX_BYTES = 64 * 1024 * 1024;

  private static final int OLDEST_READABLE = Math.max(1, RoutingSnapshot.FORMAT_VERSION - 1);

  private SnapshotCodec() {}

  /// @throws IllegalArgumentException when the snapshot is too large for any reader
  public static byte[] encode(RoutingSnapshot snapshot) {
    byte[] bytes = WireJson.write(snapshot);
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "snapshot %d has %d bytes, at most %d can be read"
              .formatted(snapshot.sequence(), bytes.length, MAX_BYTES));
    }
    return bytes;
  }

  /// @throws WireFormatException when the bytes are damaged, too many, or of a version that this
  ///   program does not read
  public static RoutingSnapshot decode(byte[] bytes) throws WireFormatException {
    if (bytes.length > MAX_BYTES) {
      throw new WireFormatException(
          "snapshot is too large: %d bytes, at most %d are read"
              .formatted(bytes.length, MAX_BYTES));
    }
    long version = WireJson.topLevelInteger(bytes, "formatVersion", "snapshot");
    if (version < OLDEST_READABLE || version > RoutingSnapshot.FORMAT_VERSION) {
      throw new WireFormatException(
          "snapshot has formatVersion %d, this program reads %d to %d: update the older of gateway"
                  .formatted(version, OLDEST_READABLE, RoutingSnapshot.FORMAT_VERSION)
              + " and control plane");
    }
    return WireJson.read(bytes, RoutingSnapshot.class, MAX_BYTES, "snapshot");
  }

  /// Hex SHA-256 of the encoded bytes.
  public static String hash(byte[] encoded) {
    return HexFormat.of().formatHex(sha256().digest(encoded));
  }

  /// A snapshot with its hash, as links hand it over.
  public static ControlLink.Published publish(RoutingSnapshot snapshot) {
    return new ControlLink.Published(snapshot, hash(encode(snapshot)));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
