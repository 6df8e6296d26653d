// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import org.jspecify.annotations.Nullable;

/// Assembles a body from its pieces. Large pieces are kept without copying; small ones are merged,
/// because a body in one-byte chunks would otherwise take a hundred times its size.
final class BodyAssembler {
  private static final int SMALL_PIECE = 4 * 1024;
  private static final int MERGED_PIECE = 64 * 1024;

  private final ByteBufAllocator allocator;
  private final CompositeByteBuf whole;
  private @Nullable ByteBuf small;
  private int bytes;

  BodyAssembler(ByteBufAllocator allocator) {
    this.allocator = allocator;
    this.whole = allocator.compositeBuffer(1024);
  }

  int bytes() {
    return bytes;
  }

  /// Adds a piece and takes ownership of it.
  void add(ByteBuf piece) {
    int length = piece.readableBytes();
    if (bytes == 0 || length >= SMALL_PIECE) {
      closeSmall();
      whole.addComponent(true, piece);
    } else {
      addSmall(piece);
    }
    bytes += length;
  }

  private void addSmall(ByteBuf piece) {
    ByteBuf open = small;
    if (open == null) {
      open = allocator.buffer(SMALL_PIECE);
      small = open;
    }
    open.writeBytes(piece);
    piece.release();
    if (open.readableBytes() >= MERGED_PIECE) {
      closeSmall();
    }
  }

  private void closeSmall() {
    ByteBuf open = small;
    small = null;
    if (open != null) {
      whole.addComponent(true, open);
    }
  }

  /// The complete body; the caller owns it.
  ByteBuf take() {
    closeSmall();
    return whole;
  }

  void release() {
    take().release();
  }
}
