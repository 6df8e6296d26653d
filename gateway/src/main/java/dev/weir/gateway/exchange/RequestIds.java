// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// The id of a request in answers, logs and telemetry.
public final class RequestIds {
  private static final int MAX_LENGTH = 128;

  private RequestIds() {}

  /// The client's own id if it is valid (letters, digits, `._:-`, at most 128 characters),
  /// otherwise a new one.
  public static String of(HeaderView headers, RandomGenerator random) {
    return headers
        .first("x-request-id")
        .filter(RequestIds::isValid)
        .orElseGet(() -> "req-" + HexFormat.of().toHexDigits(random.nextLong()));
  }

  private static boolean isValid(String id) {
    return !id.isEmpty()
        && id.length() <= MAX_LENGTH
        && id.chars().allMatch(c -> isAlphanumeric(c) || "._:-".indexOf(c) >= 0);
  }

  private static boolean isAlphanumeric(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
