// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.notation;

import dev.weir.model.value.Quantity;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Amounts of bytes as Kubernetes writes them: `80Gi`, `1.5Gi`, `512M`, `1000000`.
public final class Quantities {
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,19}(?:\\.[0-9]{1,9})?)(Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P|E)?");

  private static final Map<String, Long> BINARY = binary();
  private static final Map<String, Long> DECIMAL = decimal();

  private Quantities() {}

  private static Map<String, Long> binary() {
    Map<String, Long> units = new LinkedHashMap<>();
    String[] names = {"Ei", "Pi", "Ti", "Gi", "Mi", "Ki"};
    for (int i = 0; i < names.length; i++) {
      units.put(names[i], 1L << (10 * (names.length - i)));
    }
    return units;
  }

  private static Map<String, Long> decimal() {
    Map<String, Long> units = new LinkedHashMap<>();
    long unit = 1;
    for (String name : new String[] {"k", "M", "G", "T", "P", "E"}) {
      unit *= 1000;
      units.put(name, unit);
    }
    return units;
  }

  /// Reads a quantity; empty when the text is not a quantity, not a whole number of bytes, or too
  /// large.
  public static Optional<Quantity> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String suffix = matcher.group(2);
    long unit = 1;
    if (suffix != null) {
      unit = BINARY.containsKey(suffix) ? BINARY.get(suffix) : DECIMAL.getOrDefault(suffix, 1L);
    }
    try {
      BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
      return Optional.of(new Quantity(bytes.longValueExact()));
    } catch (ArithmeticException notBytes) {
      return Optional.empty();
    }
  }

  /// Writes a quantity with the largest binary unit that divides it exactly.
  public static String print(Quantity quantity) {
    long bytes = quantity.bytes();
    for (Map.Entry<String, Long> unit : BINARY.entrySet()) {
      if (bytes > 0 && bytes % unit.getValue() == 0) {
        return bytes / unit.getValue() + unit.getKey();
      }
    }
    return Long.toString(bytes);
  }
}
