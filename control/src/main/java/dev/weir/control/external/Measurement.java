// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

/// What one query brought.
public sealed interface Measurement {
  /// The value is as it must be.
  record Passed(double value) implements Measurement {}

  /// It is not.
  record Failed(double value) implements Measurement {}

  /// The query has no result, or one that is no number.
  record NoData(String why) implements Measurement {}

  /// The provider did not answer, or its answer cannot be parsed.
  record ProviderError(String why) implements Measurement {}
}
