// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

/// Maps (salt, unit) uniformly to [0, 1). The same unit has independent values under different
/// salts. A unit below a weight is below every greater weight, so raising a canary's weight moves
/// no unit back.
///
/// Each UTF-16 code unit is mixed in with SplitMix64's finaliser (Steele, Lea, Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014; variant 13 of Stafford's mixers), which
/// is bijective and avalanches fully.
public final class UnitHash {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int MILLION = 1_000_000;

  private UnitHash() {}

  /// A number in [0, 1,000,000) to compare with a weight in millionths.
  public static int millionths(String salt, String unit) {
    return scale(fold(fold(GOLDEN, salt), unit));
  }

  /// The same for a randomly drawn unit.
  public static int millionths(String salt, long unit) {
    return scale(mix(fold(GOLDEN, salt) + unit * GOLDEN));
  }

  /// A uniform 64-bit hash of a string, for sets of units.
  static long of(String unit) {
    return fold(GOLDEN, unit);
  }

  private static int scale(long hash) {
    return (int) Math.unsignedMultiplyHigh(hash, MILLION);
  }

  /// The length is included, so that ("ab", "c") and ("a", "bc") differ.
  private static long fold(long seed, String text) {
    long hash = mix(seed + text.length() * GOLDEN);
    for (int i = 0; i < text.length(); i++) {
      hash = mix((hash ^ text.charAt(i)) + GOLDEN);
    }
    return hash;
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
