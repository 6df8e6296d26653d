// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.EncodedEntry.Section;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A snapshot together with the bytes of each of its entries, so that the next snapshot encodes
/// only what changed and a link sends only what changed. Immutable.
///
/// The bytes are those of [SnapshotCodec#encode], and the hash is theirs. A reader that applies a
/// delta gets the same bytes as a reader of the whole snapshot, and the hash proves it.
public final class EncodedSnapshot {
  private final RoutingSnapshot snapshot;
  private final SnapshotSections sections;
  private final String hash;

  private EncodedSnapshot(RoutingSnapshot snapshot, SnapshotSections sections) {
    this.snapshot = snapshot;
    this.sections = sections;
    MessageDigest digest = SnapshotCodec.sha256();
    long[] length = {0};
    pieces(piece -> {
      digest.update(piece);
      length[0] += piece.length;
    });
    SnapshotCodec.requireSize(snapshot.sequence(), length[0]);
    this.hash = HexFormat.of().formatHex(digest.digest());
  }

  /// Encodes a snapshot of the newest format.
  ///
  /// @param before an earlier snapshot; entries that are equal to its entries are not encoded again
  /// @throws IllegalArgumentException when the snapshot is too large or has an older format
  public static EncodedSnapshot of(RoutingSnapshot snapshot, Optional<EncodedSnapshot> before) {
    if (snapshot.formatVersion() != RoutingSnapshot.FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "only format %d has deltas, not %d"
              .formatted(RoutingSnapshot.FORMAT_VERSION, snapshot.formatVersion()));
    }
    return new EncodedSnapshot(
        snapshot, SnapshotSections.of(snapshot, before.map(known -> known.sections)));
  }

  /// Decodes the bytes of a whole snapshot of the newest format.
  ///
  /// @throws WireFormatException as [SnapshotCodec#decode]
  static EncodedSnapshot decode(byte[] bytes) throws WireFormatException {
    RoutingSnapshot snapshot = SnapshotCodec.decode(bytes);
    return new EncodedSnapshot(snapshot, SnapshotSections.split(bytes, snapshot));
  }

  public RoutingSnapshot snapshot() {
    return snapshot;
  }

  public String hash() {
    return hash;
  }

  public ControlLink.Published published() {
    return new ControlLink.Published(snapshot, hash);
  }

  /// The same bytes as those of [SnapshotCodec#encode].
  public byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    pieces(bytes::writeBytes);
    return bytes.toByteArray();
  }

  private void pieces(Consumer<byte[]> each) {
    sections.pieces(each);
  }

  /// The entries that differ from an earlier snapshot. Empty when the order of the entries does not
  /// follow from their names, so that a reader could not restore it.
  Optional<SnapshotDelta> since(EncodedSnapshot before) {
    return sections.sorted() && before.sections.sorted()
        ? Optional.of(
            new SnapshotDelta(
                before.snapshot.sequence(),
                hash,
                sections.removedSince(before.sections),
                sections.snapshotOf(sections.changedSince(before.sections))))
        : Optional.empty();
  }

  /// The snapshot after a delta.
  ///
  /// @throws WireFormatException when the delta does not start at this snapshot, or the result does
  ///   not have the hash that the sender promised
  EncodedSnapshot with(SnapshotDelta delta) throws WireFormatException {
    if (delta.from() != snapshot.sequence()) {
      throw new WireFormatException(
          "a delta starts at snapshot %d, not at %d".formatted(delta.from(), snapshot.sequence()));
    }
    RoutingSnapshot changed = SnapshotCodec.decode(delta.changed());
    SnapshotSections merged =
        sections.with(SnapshotSections.split(delta.changed(), changed), delta.removed());
    EncodedSnapshot next = new EncodedSnapshot(merged.snapshot(changed), merged);
    if (!next.hash.equals(delta.hash())) {
      throw new WireFormatException(
          "snapshot %d has hash %s after a delta, the delta declares %s"
              .formatted(changed.sequence(), next.hash, delta.hash()));
    }
    return next;
  }

  /// The bytes of this snapshot without entries.
  public byte[] head() {
    return sections.snapshotOf(Map.of());
  }

  /// All entries of one list.
  public List<EncodedEntry> entries(Section section) {
    return sections.entries(section);
  }

  /// The entries that an earlier snapshot lacks or has with other bytes.
  public Map<Section, List<EncodedEntry>> changedSince(EncodedSnapshot before) {
    return sections.changedSince(before.sections);
  }

  /// The names of the entries of an earlier snapshot that this one lacks.
  public Map<Section, List<String>> removedSince(EncodedSnapshot before) {
    return sections.removedSince(before.sections);
  }
}
