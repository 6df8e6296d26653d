// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

/// Limits on requests. They apply to all gateways together: each live gateway enforces its share.
///
/// @param requestsPerMinute 0 for no limit
/// @param tokensPerMinute prompt and output tokens together, 0 for no limit
/// @param maxInFlight requests that run or wait at one time, 0 for no limit
public record Limits(
    @Default("0") long requestsPerMinute,
    @Default("0") long tokensPerMinute,
    @Default("0") int maxInFlight) {
  public static final Limits NONE = new Limits(0, 0, 0);
}
