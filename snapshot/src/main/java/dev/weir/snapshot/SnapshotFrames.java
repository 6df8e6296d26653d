// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The protocol of `GET /internal/v1/snapshots?after=<sequence>&formats=<n,...>`: server-sent
/// events (`text/event-stream`, UTF-8, lines end with LF) in exactly this form:
///
/// ```
/// event: snapshot
/// id: <sequence>
/// data: {"hash":"<64 hex digits>","snapshot":<the bytes of SnapshotCodec.encode>}
/// <empty line>
/// ```
///
/// The hash covers the bytes after `"snapshot":`, so a reader verifies the snapshot without
/// encoding it again. Because these bytes are one line of JSON, `data` is one line of valid JSON.
///
/// A reader that asks for it (`deltas=1`) and reads the newest format gets, after the first
/// snapshot of a stream, mostly deltas:
///
/// ```
/// event: delta
/// id: <sequence>
/// data: {"from":<sequence before>,"hash":"<64 hex digits>","removed":{"keys":[],"routes":[],"services":[]},"snapshot":<changed>}
/// <empty line>
/// ```
///
/// `changed` is a snapshot with the new and changed entries only; `removed` lists the names of
/// entries that no longer exist; `from` is the last snapshot of the same stream. The lists of the
/// result are in the order of the names of their entries. The hash is that of the whole result. A
/// reader that gets another hash closes the stream, and the next stream begins with a whole
/// snapshot.
///
/// Without changes, the sender writes a ping at least every [#PING_EVERY_MILLIS], so that a dead
/// link is detected:
///
/// ```
/// event: ping
/// data: {}
/// <empty line>
/// ```
///
/// The control plane may ask a question at any time (see [Question]):
///
/// ```
/// event: ask
/// data: {"id":"...","kind":"...","subject":"..."}
/// <empty line>
/// ```
///
/// Readers skip events with other names. The first event is the newest snapshot if it is newer than
/// `after`, otherwise an immediate ping.
public final class SnapshotFrames {
  /// A sender sends a ping after this time without a snapshot.
  public static final long PING_EVERY_MILLIS = 5_000;

  /// A reader abandons a link after this time without any event.
  public static final long SILENCE_MILLIS = 3 * PING_EVERY_MILLIS;

  private static final String HASH_PREFIX = "{\"hash\":\"";
  private static final String SNAPSHOT_PREFIX = "\",\"snapshot\":";
  private static final int HASH_DIGITS = 64;
  private static final int BODY_START =
      HASH_PREFIX.length() + HASH_DIGITS + SNAPSHOT_PREFIX.length();
  private static final int MAX_LINE = SnapshotCodec.MAX_BYTES + 1024;

  private static final byte[] PING = ascii("event: ping\ndata: {}\n\n");

  private SnapshotFrames() {}

  /// The content of a frame.
  public sealed interface Frame {
    /// A snapshot with a verified hash.
    record Snapshot(ControlLink.Published published) implements Frame {}

    /// A question of the control plane.
    record Ask(Question question) implements Frame {}

    /// A sign of life from the sender.
    record Ping() implements Frame {}
  }

  /// The bytes of a ping frame.
  public static byte[] ping() {
    return PING.clone();
  }

  /// The frame of a snapshot; encode once and send the same bytes to every gateway.
  ///
  /// @param encoded the result of [SnapshotCodec#encode]
  public static byte[] snapshot(long sequence, byte[] encoded) {
    byte[] head =
        ascii(
            "event: snapshot\nid: %d\ndata: %s%s%s"
                .formatted(sequence, HASH_PREFIX, SnapshotCodec.hash(encoded), SNAPSHOT_PREFIX));
    byte[] tail = ascii("}\n\n");
    byte[] frame = Arrays.copyOf(head, head.length + encoded.length + tail.length);
    System.arraycopy(encoded, 0, frame, head.length, encoded.length);
    System.arraycopy(tail, 0, frame, head.length + encoded.length, tail.length);
    return frame;
  }

  /// The frame of a snapshot of the newest format.
  public static byte[] snapshot(EncodedSnapshot encoded) {
    return snapshot(encoded.snapshot().sequence(), encoded.bytes());
  }

  /// The frame of what changed since an earlier snapshot of the same stream. Empty when only a
  /// whole snapshot can express it.
  public static Optional<byte[]> delta(EncodedSnapshot before, EncodedSnapshot now) {
    return now.since(before)
        .map(delta ->
            event("event: delta\nid: %d\n".formatted(now.snapshot().sequence()), delta.encode()));
  }

  /// The frame of a question.
  public static byte[] ask(Question question) {
    return event("event: ask\n", QuestionCodec.encode(question));
  }

  private static byte[] event(String lines, byte[] data) {
    byte[] head = ascii(lines + "data: ");
    byte[] frame = Arrays.copyOf(head, head.length + data.length + 2);
    System.arraycopy(data, 0, frame, head.length, data.length);
    frame[frame.length - 2] = '\n';
    frame[frame.length - 1] = '\n';
    return frame;
  }

  /// Reads frames from a stream in order, and applies each delta to the snapshot before it. Calls
  /// block like the stream. Not thread-safe.
  public static final class Reader {
    private final InputStream in;
    private @Nullable EncodedSnapshot last;
    private final byte[] buffer = new byte[16 * 1024];
    private int position;
    private int limit;

    public Reader(InputStream in) {
      this.in = in;
    }

    /// The next frame, or empty at the end of the stream.
    ///
    /// @throws WireFormatException when a snapshot is corrupt: its hash, id or form is wrong
    /// @throws IOException when the stream breaks, or ends inside a frame
    public Optional<Frame> next() throws IOException {
      while (true) {
        Optional<RawEvent> event = nextEvent();
        if (event.isEmpty()) {
          return Optional.empty();
        }
        Optional<Frame> frame = interpret(event.get());
        if (frame.isPresent()) {
          return frame;
        }
      }
    }

    private Optional<RawEvent> nextEvent() throws IOException {
      var event = new RawEvent();
      boolean begun = false;
      while (true) {
        Optional<byte[]> line = nextLine();
        if (line.isEmpty()) {
          if (begun) {
            throw new IOException("the snapshot stream ended inside a frame");
          }
          return Optional.empty();
        }
        if (line.get().length > 0) {
          begun = true;
          event.take(line.get());
        } else if (begun) {
          return Optional.of(event);
        }
      }
    }

    private Optional<byte[]> nextLine() throws IOException {
      var line = new ByteArrayOutputStream(256);
      boolean any = false;
      while (true) {
        if (position == limit) {
          position = 0;
          limit = Math.max(0, in.read(buffer, 0, buffer.length));
          if (limit == 0) {
            if (any) {
              throw new IOException("the snapshot stream ended inside a line");
            }
            return Optional.empty();
          }
        }
        any = true;
        int end = indexOfNewline();
        line.write(buffer, position, end - position);
        if (line.size() > MAX_LINE) {
          throw new WireFormatException("a line of the snapshot stream exceeds " + MAX_LINE);
        }
        position = end;
        if (end < limit) {
          position++;
          return Optional.of(line.toByteArray());
        }
      }
    }

    private int indexOfNewline() {
      int end = position;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      return end;
    }

    private Optional<Frame> interpret(RawEvent event) throws WireFormatException {
      return switch (event.name) {
        case "snapshot" -> Optional.of(readSnapshot(event));
        case "delta" -> Optional.of(readDelta(event));
        case "ask" -> Optional.of(new Frame.Ask(QuestionCodec.decodeQuestion(event.data)));
        case "ping" -> Optional.of(new Frame.Ping());
        default -> Optional.empty(); // a name that a newer control plane may send
      };
    }

    private Frame readSnapshot(RawEvent event) throws WireFormatException {
      byte[] encoded = verified(event.data);
      if (SnapshotCodec.isNewestFormat(encoded)) {
        return received(event, EncodedSnapshot.decode(encoded));
      }
      RoutingSnapshot snapshot = SnapshotCodec.decode(encoded);
      requireId(event, snapshot);
      return new Frame.Snapshot(new ControlLink.Published(snapshot, SnapshotCodec.hash(encoded)));
    }

    private Frame readDelta(RawEvent event) throws WireFormatException {
      EncodedSnapshot before = last;
      if (before == null) {
        throw new WireFormatException("a stream begins with a delta");
      }
      return received(event, before.with(SnapshotDelta.decode(event.data)));
    }

    private Frame received(RawEvent event, EncodedSnapshot snapshot) throws WireFormatException {
      requireId(event, snapshot.snapshot());
      last = snapshot;
      return new Frame.Snapshot(snapshot.published());
    }
  }

  /// One raw event; absent fields are empty.
  private static final class RawEvent {
    String name = "";
    String id = "";
    byte[] data = {};

    void take(byte[] line) {
      if (startsWith(line, "event: ")) {
        name = text(line, 7);
      } else if (startsWith(line, "id: ")) {
        id = text(line, 4);
      } else if (startsWith(line, "data: ")) {
        data = Arrays.copyOfRange(line, 6, line.length);
      }
    }
  }

  private static byte[] verified(byte[] data) throws WireFormatException {
    if (data.length <= BODY_START
        || !startsWith(data, HASH_PREFIX)
        || !regionEquals(data, HASH_PREFIX.length() + HASH_DIGITS, SNAPSHOT_PREFIX)
        || data[data.length - 1] != '}') {
      throw new WireFormatException("a snapshot frame is not {\"hash\":...,\"snapshot\":...}");
    }
    int hashEnd = HASH_PREFIX.length() + HASH_DIGITS;
    String declared =
        new String(data, HASH_PREFIX.length(), HASH_DIGITS, StandardCharsets.US_ASCII);
    byte[] encoded = Arrays.copyOfRange(data, hashEnd + SNAPSHOT_PREFIX.length(), data.length - 1);
    String actual = SnapshotCodec.hash(encoded);
    if (!actual.equals(declared)) {
      throw new WireFormatException(
          "snapshot hash is " + actual + ", the frame declares " + declared);
    }
    return encoded;
  }

  private static void requireId(RawEvent event, RoutingSnapshot snapshot)
      throws WireFormatException {
    if (!event.id.equals(Long.toString(snapshot.sequence()))) {
      throw new WireFormatException(
          "snapshot " + snapshot.sequence() + " is in a frame with id '" + event.id + "'");
    }
  }

  private static boolean startsWith(byte[] line, String prefix) {
    return regionEquals(line, 0, prefix);
  }

  private static boolean regionEquals(byte[] line, int from, String expected) {
    byte[] bytes = ascii(expected);
    return line.length >= from + bytes.length
        && Arrays.equals(line, from, from + bytes.length, bytes, 0, bytes.length);
  }

  private static String text(byte[] line, int from) {
    return new String(line, from, line.length - from, StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
