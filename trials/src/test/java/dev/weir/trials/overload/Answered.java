// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.overload;

/// How one request ended.
///
/// @param atNanos when it was sent
/// @param status 200, that of a refusal, or 0 for a stream that broke
/// @param firstNanos from sending to the first token, or to the refusal
/// @param told whether a refusal has `Retry-After`
public record Answered(long atNanos, int status, long firstNanos, boolean told) {
  boolean good(long deadlineNanos) {
    return status == 200 && firstNanos <= deadlineNanos;
  }

  boolean refused() {
    return status == 429 || status == 503;
  }
}
