// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

/// The speed of one model on one set of accelerators. All times are kernel milliseconds at time
/// scale 1.
///
/// @param name name of the profile
/// @param decodeBaseMillis time to read the weights once
/// @param decodeMillisPerSeq time per sequence in the batch
/// @param decodeMillisPer1kKvTokens time per 1,000 tokens of context in the batch
/// @param prefillBaseMillis fixed part of a prefill
/// @param prefillMillisPer1kTokens linear part
/// @param prefillMillisPer1kTokensSquared quadratic (attention) part
/// @param kvBlocks KV-cache blocks of 16 tokens
public record EngineProfile(
    String name,
    double decodeBaseMillis,
    double decodeMillisPerSeq,
    double decodeMillisPer1kKvTokens,
    double prefillBaseMillis,
    double prefillMillisPer1kTokens,
    double prefillMillisPer1kTokensSquared,
    int kvBlocks) {
  /// Tokens in one KV block; vLLM's default.
  public static final int BLOCK_TOKENS = 16;

  public EngineProfile {
    if (decodeBaseMillis < 0
        || decodeMillisPerSeq < 0
        || decodeMillisPer1kKvTokens < 0
        || prefillBaseMillis < 0
        || prefillMillisPer1kTokens < 0
        || prefillMillisPer1kTokensSquared < 0) {
      throw new IllegalArgumentException("profile " + name + " has a negative time");
    }
    if (kvBlocks < 1) {
      throw new IllegalArgumentException("profile " + name + " has " + kvBlocks + " KV blocks");
    }
  }

  /// Tokens that fit into the KV cache.
  public int kvTokens() {
    return kvBlocks * BLOCK_TOKENS;
  }

  /// Kernel time of one decode step of `batch` sequences with `kvTokens` of context in total,
  /// without the base.
  double decodeMillis(int batch, long kvTokens) {
    return decodeMillisPerSeq * batch + decodeMillisPer1kKvTokens * kvTokens / 1000;
  }

  /// Kernel time of prefilling tokens `from` (inclusive) to `to` (exclusive) of a prompt, without
  /// the base. The chunks of a prompt add up to the whole.
  double prefillMillis(int from, int to) {
    double start = from / 1000.0;
    double end = to / 1000.0;
    return prefillMillisPer1kTokens * (end - start)
        + prefillMillisPer1kTokensSquared * (end * end - start * start);
  }
}
