// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

/// A sketch of an answer's text for comparison with another answer: counts of character trigrams in
/// the first 4,096 characters, hashed with a sign into 128 buckets, and one hash of the whole text.
/// The text cannot be recovered from it. Event loop only.
///
/// With signs, trigrams that occur in only one answer cancel out on average. The angle between two
/// sketches therefore estimates the angle between the full counts (Charikar, Chen, Farach-Colton,
/// "Finding frequent items in data streams", ICALP 2002).
public final class AnswerSketch {
  private static final int BUCKETS = 128;
  private static final int MAX_CHARS = 4_096;
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

  /// Adds a part of the answer.
  void feed(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      feed(piece.charAt(i));
    }
  }

  private void feed(char next) {
    hash = (hash ^ next) * FNV_PRIME;
    length++;
    if (length > MAX_CHARS) {
      return;
    }
    long trigram = lastTwo << Character.SIZE | next;
    if (length > 2) {
      count(trigram);
    }
    lastTwo = trigram & 0xffff_ffffL;
  }

  /// SplitMix64's finaliser spreads the differences between trigrams over all bits.
  private void count(long trigram) {
    long z = (trigram ^ (trigram >>> 30)) * 0xBF58476D1CE4E5B9L;
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

  /// Whether both texts are identical.
  public boolean sameAs(AnswerSketch other) {
    return length == other.length && hash == other.hash;
  }

  /// 1 for identical texts, about 0 for unrelated texts.
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
