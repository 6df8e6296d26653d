// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.notation;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations in text form: `250ms`, `10s`, `1h30m`, `1.5s`. Units are `d` (24 hours), `h`, `m`,
/// `s`, `ms`, `us` and `ns`.
public final class Durations {
  private static final Pattern PART =
      Pattern.compile("([0-9]{1,19}(?:\\.[0-9]{1,9})?)(ms|us|ns|d|h|m|s)");

  /// Nanoseconds of each unit, largest first, in the order of output.
  private static final Map<String, Long> NANOS = nanosByUnit();

  private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

  private Durations() {}

  private static Map<String, Long> nanosByUnit() {
    Map<String, Long> nanos = new LinkedHashMap<>();
    nanos.put("d", 86_400_000_000_000L);
    nanos.put("h", 3_600_000_000_000L);
    nanos.put("m", 60_000_000_000L);
    nanos.put("s", 1_000_000_000L);
    nanos.put("ms", 1_000_000L);
    nanos.put("us", 1_000L);
    nanos.put("ns", 1L);
    return nanos;
  }

  /// Reads a duration; empty when the text is not a duration, or exceeds the range or precision of
  /// [Duration].
  public static Optional<Duration> parse(String text) {
    boolean negative = text.startsWith("-");
    String parts = negative ? text.substring(1) : text;
    if (parts.isEmpty() || parts.length() > 200) {
      return Optional.empty();
    }
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher matcher = PART.matcher(parts);
    int read = 0;
    while (matcher.find(read) && matcher.start() == read) {
      long unit = NANOS.getOrDefault(matcher.group(2), 0L);
      nanos = nanos.add(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)));
      read = matcher.end();
      if (read == parts.length()) {
        return ofNanos(negative ? nanos.negate() : nanos);
      }
    }
    return Optional.empty();
  }

  private static Optional<Duration> ofNanos(BigDecimal nanos) {
    try {
      BigInteger[] split = nanos.toBigIntegerExact().divideAndRemainder(NANOS_PER_SECOND);
      return Optional.of(Duration.ofSeconds(split[0].longValueExact(), split[1].longValueExact()));
    } catch (ArithmeticException outOfRange) {
      return Optional.empty();
    }
  }

  /// Writes a duration so that it reads back the same, for example `1h30m`, `1s500ms`, `0s`.
  public static String print(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    BigInteger rest =
        BigInteger.valueOf(duration.getSeconds())
            .multiply(NANOS_PER_SECOND)
            .add(BigInteger.valueOf(duration.getNano()));
    StringBuilder text = new StringBuilder(rest.signum() < 0 ? "-" : "");
    rest = rest.abs();
    for (Map.Entry<String, Long> unit : NANOS.entrySet()) {
      // Days are read but not written: `36h` is unambiguous.
      if (unit.getKey().equals("d")) {
        continue;
      }
      BigInteger[] split = rest.divideAndRemainder(BigInteger.valueOf(unit.getValue()));
      if (split[0].signum() != 0) {
        text.append(split[0]).append(unit.getKey());
      }
      rest = split[1];
    }
    return text.toString();
  }
}
