// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.starved;

/// How one request ended for its client.
///
/// @param status of the answer; 0 when the connection was closed without one, -1 when the client
///   gave up before
/// @param sentNanos monotonic
/// @param tookNanos until the head of the answer, or the end
/// @param retryAfter whether a refusal says when to come back, in 1 to 60 s
public record Visit(int status, long sentNanos, long tookNanos, boolean retryAfter) {
  public boolean good() {
    return status == 200;
  }

  public boolean answered() {
    return status > 0;
  }
}
