// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// The default price of an accelerator per hour in US dollars: the lowest on-demand price per
/// accelerator among the instances of one region, including the rest of the instance.
///
/// Prices are of Amazon Web Services us-east-1 from karpenter-provider-aws (2026-07-20). Those of
/// A10, H100-NVL and GB200 are of Microsoft Azure eastus from karpenter-provider-azure
/// (2026-06-18). Both projects are under Apache-2.0.
final class GpuPrices {
  private static final String AWS = "AWS us-east-1 on demand, 2026-07-20";
  private static final String AZURE = "Azure eastus on demand, 2026-06-18";

  private static final Map<String, Price> BY_TYPE =
      Map.ofEntries(
          Map.entry("T4", new Price(0.526, AWS)),
          Map.entry("L4", new Price(0.8048, AWS)),
          Map.entry("A10G", new Price(1.006, AWS)),
          Map.entry("L40S", new Price(1.861, AWS)),
          Map.entry("A100-40GB", new Price(2.7447, AWS)),
          Map.entry("V100-16GB", new Price(3.06, AWS)),
          Map.entry("A10", new Price(3.2, AZURE)),
          Map.entry("RTX-PRO-6000", new Price(3.3631, AWS)),
          Map.entry("A100-80GB", new Price(3.4309, AWS)),
          Map.entry("V100-32GB", new Price(3.9015, AWS)),
          Map.entry("H100", new Price(6.88, AWS)),
          Map.entry("H100-NVL", new Price(6.98, AZURE)),
          Map.entry("H200", new Price(7.912, AWS)),
          Map.entry("B200", new Price(14.2416, AWS)),
          Map.entry("B300", new Price(17.802, AWS)),
          Map.entry("GB200", new Price(27.04, AZURE)));

  private GpuPrices() {}

  /// @param usd per hour
  /// @param source the vendor, region and date, or the field of the Target
  record Price(double usd, String source) {
    String text(String type) {
      return "%s at %s USD an hour (%s)"
          .formatted(type, BigDecimal.valueOf(usd).stripTrailingZeros().toPlainString(), source);
    }
  }

  /// @param own the price of the Target
  /// @param type of accelerator; case and a leading `NVIDIA` are ignored
  static Optional<Price> of(OptionalDouble own, String type) {
    return own.isPresent()
        ? Optional.of(new Price(own.getAsDouble(), "spec.pricePerGpuHour"))
        : Optional.ofNullable(BY_TYPE.get(plain(type)));
  }

  private static String plain(String type) {
    String name = type.toUpperCase(Locale.ROOT).replace(' ', '-').replace('_', '-');
    return name.startsWith("NVIDIA-") ? name.substring("NVIDIA-".length()) : name;
  }
}
