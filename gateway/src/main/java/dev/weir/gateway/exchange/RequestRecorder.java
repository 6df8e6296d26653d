// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// Records what happens to requests. Called concurrently on event loops, once per event: must
/// neither block nor throw.
public interface RequestRecorder {
  /// A request is sent to a version.
  RequestObserver arrived(AdmittedRequest arrival);

  /// A generated request is sent. It counts in the statistics of its rollout, but not in statistics
  /// about clients.
  RequestObserver generated(AdmittedRequest arrival);

  /// A request was rejected before a version was chosen (401, 404, 413 ...).
  ///
  /// @param path without query; may be anything that a client can send
  void refused(String requestId, String method, String path, Failure failure);

  /// Records nothing.
  RequestObserver UNRECORDED =
      new RequestObserver() {
        @Override
        public void firstToken(long ttftMicros) {}

        @Override
        public void attemptEnded(AttemptEnd end) {}

        @Override
        public void finished(CompletedRequest completed) {}
      };

  /// Observes one request. Methods are called on one event loop: `sent` and `firstToken` at most
  /// once, then `attemptEnded` for each attempt in order, then `finished` exactly once.
  interface RequestObserver {
    /// The first attempt is sent to a replica.
    ///
    /// @param prefillTokens prompt tokens that the replica is expected to process before the first
    ///   token, above 0
    default void sent(int prefillTokens) {}

    /// The first attempt's first token arrived, this many microseconds after the request.
    void firstToken(long ttftMicros);

    /// The non-streamed answer of the first attempt is overdue compared with the service's other
    /// answers. A release counts this as a failure of the version first chosen, whatever the final
    /// result.
    ///
    /// @param micros after arrival
    /// @param givenUp whether another replica is tried instead; otherwise the attempt goes on
    default void overdue(long micros, boolean givenUp) {}

    /// An attempt ended; the first has number 1.
    void attemptEnded(AttemptEnd end);

    void finished(CompletedRequest completed);

    /// The state of a copy at the route's mirror or at a shadow changed: `running`, then one of
    /// `answered`, `failed`, `cancelled` and `dropped`, at any time after the arrival.
    ///
    /// @param service id of the mirror; for a shadow, followed by the version
    default void mirrored(String service, String result) {}

    /// Returns the observer of the shadow copy of a mirrored request, with the same rules, on the
    /// same event loop, and with at most one attempt. The copy may end before or after this
    /// request.
    default RequestObserver copy() {
      return UNRECORDED;
    }

    /// A judge graded the first attempt's answer, after the end of that attempt and possibly after
    /// the request was finished; on the same event loop.
    ///
    /// @param thousandths from 0 to 1000, the best
    default void graded(int thousandths) {}

    /// The trace context that replicas receive (W3C Trace Context).
    ///
    /// @return empty to pass on the client's
    default String traceparent() {
      return "";
    }
  }
}
