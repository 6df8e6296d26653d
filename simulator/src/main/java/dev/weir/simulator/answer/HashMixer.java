// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

/// The 64-bit mixing function for tokens: Stafford's variant 13 of the murmur3 finaliser, as in
/// `SplittableRandom`. Implemented here because answers must be the same on every JDK.
final class HashMixer {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private HashMixer() {}

  static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /// Adds `value` to the hash `soFar`; the order matters.
  static long chain(long soFar, long value) {
    return mix(soFar * 31 + GOLDEN + value);
  }

  static long of(String text) {
    long hash = text.length();
    for (int index = 0; index < text.length(); index++) {
      hash = chain(hash, text.charAt(index));
    }
    return hash;
  }

  /// The `index`-th draw of the stream with key `key`.
  static long draw(long key, long index) {
    return mix(key + (index + 1) * GOLDEN);
  }

  /// A standard normal draw (Box-Muller, with `StrictMath` so that it is the same everywhere).
  static double normal(long key) {
    double u = ((draw(key, -2) >>> 11) + 1) * 0x1.0p-53;
    double v = (draw(key, -3) >>> 11) * 0x1.0p-53;
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v);
  }
}
