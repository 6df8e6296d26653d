// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The prompts that one replica received lately, as hashes of their blocks, to estimate how much of
/// a prompt is in its prefix cache. The hash of a block includes all blocks before it.
///
/// The estimate depends on the requests alone, not on the engine: an engine that caches nothing, or
/// reports wrong numbers, does not change it. It keeps 8192 blocks of 1 KiB, about two million
/// tokens, in 64 KiB of memory, and drops those that were not used for longest. Shared by all event
/// loops without blocking; a lost update makes one block look new.
final class PromptHistory {
  static final int BLOCK_BYTES = 1_024;

  /// Blocks of a prompt that are compared; what follows them counts as new.
  static final int MAX_BLOCKS = 512;

  private static final int WAYS = 4;
  private static final int SETS = 2_048;
  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

  private final AtomicReference<@Nullable AtomicLongArray> table = new AtomicReference<>();

  /// Notes a request.
  ///
  /// @return bytes of the body after the blocks at its beginning that are known
  int receive(ByteBuf body) {
    AtomicLongArray hashes = hashes();
    int blocks = Math.min(MAX_BLOCKS, body.readableBytes() / BLOCK_BYTES);
    int known = 0;
    boolean prefix = true;
    long hash = MULTIPLIER;
    for (int block = 0; block < blocks; block++) {
      hash = hash(body, body.readerIndex() + block * BLOCK_BYTES, hash);
      prefix = touch(hashes, hash) && prefix;
      known += prefix ? 1 : 0;
    }
    return body.readableBytes() - known * BLOCK_BYTES;
  }

  // Most replicas of a large snapshot receive nothing from this gateway.
  private AtomicLongArray hashes() {
    AtomicLongArray made = table.get();
    if (made != null) {
      return made;
    }
    AtomicLongArray fresh = new AtomicLongArray(SETS * WAYS);
    AtomicLongArray first = table.compareAndExchange(null, fresh);
    return first == null ? fresh : first;
  }

  private static long hash(ByteBuf body, int start, long before) {
    long hash = before;
    for (int at = start; at < start + BLOCK_BYTES; at += Long.BYTES) {
      hash = Long.rotateLeft((hash ^ body.getLong(at)) * MULTIPLIER, 29);
    }
    return hash * MULTIPLIER;
  }

  /// Moves a hash to the front of its set.
  ///
  /// @return whether it was there
  private static boolean touch(AtomicLongArray hashes, long hash) {
    int first = (int) (hash >>> 53) * WAYS;
    int way = 0;
    while (way < WAYS - 1 && hashes.get(first + way) != hash) {
      way++;
    }
    boolean known = hashes.get(first + way) == hash;
    for (; way > 0; way--) {
      hashes.setRelease(first + way, hashes.get(first + way - 1));
    }
    hashes.setRelease(first, hash);
    return known;
  }
}
