// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// Records what happens to requests. Called on event loops, by many at a time, once per fact: must
/// neither block nor throw.
public interface RequestRecorder {
  /// A request is sent to a version.
  RequestObserver arrived(AdmittedRequest arrival);

  /// A request that the gateway generates is sent. It belongs to the statistics of its rollout and
  /// to nothing that is told of clients.
  RequestObserver generated(AdmittedRequest arrival);

  /// A request was turned away before a version was chosen (401, 404, 413 ...).
  ///
  /// @param path without query; may be anything a client can send
  void refused(String requestId, String method, String path, Failure failure);

  /// Follows what nobody asks about.
  RequestObserver UNRECORDED =
      new RequestObserver() {
        @Override
        public void firstToken(long ttftMicros) {}

        @Override
        public void attemptEnded(AttemptEnd end) {}

        @Override
        public void finished(CompletedRequest completed) {}
      };

  /// Follows one request. Methods are called on one event loop: `firstToken` at most once, then
  /// `attemptEnded` for each attempt in order, then `completed` exactly once.
  interface RequestObserver {
    /// The first attempt's first token came, so many microseconds after arrival.
    void firstToken(long ttftMicros);

    /// The first attempt's answer, one that comes whole, is overdue by what the service's answers
    /// take. For a release this settles it as a failure of the version first chosen, whatever
    /// becomes of it later.
    ///
    /// @param micros after arrival
    /// @param givenUp whether another replica is asked instead; else it is waited for further
    default void overdue(long micros, boolean givenUp) {}

    /// An attempt ended; the one with number 1 is the first.
    void attemptEnded(AttemptEnd end);

    void finished(CompletedRequest completed);

    /// What becomes of a copy at the route's mirror, or at a shadow: `running`, then one of
    /// `answered`, `failed`, `cancelled` and `dropped`, at any time after the arrival.
    ///
    /// @param service id of the mirror, with the version behind it for a shadow
    default void mirrored(String service, String result) {}

    /// Follows the copy that the version under test gets of a mirrored request, in the same way and
    /// on the same event loop, with one attempt at most; it may end before or after this one.
    default RequestObserver copy() {
      return UNRECORDED;
    }

    /// A judge graded the first attempt's answer, some time after that attempt's end and perhaps
    /// after the request was finished; on the same event loop.
    ///
    /// @param thousandths from 0 to 1000, the best
    default void graded(int thousandths) {}

    /// What replicas are told of the trace that this request is part of (W3C Trace Context).
    ///
    /// @return empty to pass on what the client said
    default String traceparent() {
      return "";
    }
  }
}
