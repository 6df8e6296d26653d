// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import org.jspecify.annotations.Nullable;

/// A body as it comes, piece by piece. Large pieces are kept as they are; small ones are copied
/// together, for a body in chunks of a byte would else take a hundred times its size.
final class BodyAssembler {
  private static final int SMALL = 4 * 1024;
  private static final int FULL = 64 * 1024;

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

  /// Owns the piece from now on.
  void add(ByteBuf piece) {
    int length = piece.readableBytes();
    if (bytes == 0 || length >= SMALL) {
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
      open = allocator.buffer(SMALL);
      small = open;
    }
    open.writeBytes(piece);
    piece.release();
    if (open.readableBytes() >= FULL) {
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

  /// All of it; the caller owns it.
  ByteBuf take() {
    closeSmall();
    return whole;
  }

  void release() {
    take().release();
  }
}
