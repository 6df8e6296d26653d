// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

/// The result of one query.
public sealed interface Measurement {
  /// The value meets the condition.
  record Passed(double value) implements Measurement {}

  /// The value does not meet the condition.
  record Failed(double value) implements Measurement {}

  /// The query has no result, or the result is not a number.
  record NoData(String why) implements Measurement {}

  /// The provider did not respond, or its response cannot be parsed.
  record ProviderError(String why) implements Measurement {}
}
