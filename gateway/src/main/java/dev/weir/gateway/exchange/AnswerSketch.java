// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// What is kept of an answer's text to compare it with another: counts of three characters on end
/// in the first 4,096, hashed with a sign into 128 buckets, and one hash of all of it. None of the
/// text can be read from it. Event loop only.
///
/// With signs, words that only one of the answers has cancel out on average, so that the angle
/// between two sketches estimates that between the whole counts (Charikar, Chen, Farach-Colton,
/// "Finding frequent items in data streams", ICALP 2002).
public final class AnswerSketch {
  private static final int BUCKETS = 128;
  private static final int MOST_CHARS = 4_096;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final boolean greedy;
  private final int[] buckets = new int[BUCKETS];
  private long hash = FNV_OFFSET;
  private long length;
  private long lastTwo;

  /// @param greedy whether the request asks for temperature 0
  public AnswerSketch(boolean greedy) {
    this.greedy = greedy;
  }

  /// A part of the answer.
  void feed(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      feed(piece.charAt(i));
    }
  }

  private void feed(char next) {
    hash = (hash ^ next) * FNV_PRIME;
    length++;
    if (length > MOST_CHARS) {
      return;
    }
    long three = lastTwo << Character.SIZE | next;
    if (length > 2) {
      count(three);
    }
    lastTwo = three & 0xffff_ffffL;
  }

  /// The finaliser of SplitMix64 spreads what three characters differ in over all bits.
  private void count(long three) {
    long z = (three ^ (three >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    buckets[(int) (z & (BUCKETS - 1))] += z < 0 ? -1 : 1;
  }

  public boolean greedy() {
    return greedy;
  }

  /// Whether there was any text.
  public boolean any() {
    return length > 0;
  }

  /// Whether both are the same from the first character to the last.
  public boolean sameAs(AnswerSketch other) {
    return length == other.length && hash == other.hash;
  }

  /// 1 for the same text, about 0 for texts that have nothing in common.
  public double similarity(AnswerSketch other) {
    if (sameAs(other)) {
      return 1;
    }
    double norms = Math.sqrt((double) dot(this) * other.dot(other));
    return norms == 0 ? 0 : Math.clamp(dot(other) / norms, 0, 1);
  }

  private long dot(AnswerSketch other) {
    long sum = 0;
    for (int i = 0; i < BUCKETS; i++) {
      sum += (long) buckets[i] * other.buckets[i];
    }
    return sum;
  }
}
