// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

/// Why a request was not queued, or was removed from the queue.
///
/// @param retryAfterNanos until capacity is expected, from the current drain rate; 0 if unknown
public record QueueRejection(Reason reason, long retryAfterNanos) {
  /// Each reason has a message for the client.
  public enum Reason {
    TOO_LATE("its first token would arrive after its deadline"),
    FULL("the queue is full"),
    WAITED("its deadline passed while it was queued"),
    NO_REPLICA("no replica became ready while it waited");

    private final String words;

    Reason(String words) {
      this.words = words;
    }

    public String message() {
      return words;
    }
  }
}
