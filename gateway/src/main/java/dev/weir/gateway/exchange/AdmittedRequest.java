// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.ResponseForm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;

/// A request that was read whole, authenticated, routed and admitted.
///
/// @param path without query, such as `/v1/chat/completions`
/// @param model the public model name
/// @param form what the client asked for
/// @param current the snapshot it is served from to its end
/// @param arrivalNanos monotonic, when its last byte had come and it was let on its way (neither a
///   slow upload nor waiting for a place is the engine's doing)
/// @param queuedNanos that it waited for a place before
/// @param traceparent the client's, as it sent it (W3C Trace Context), or empty
/// @param graded whether its answer is in the sample that a judge is to grade
public record AdmittedRequest(
    String requestId,
    String path,
    String model,
    ResponseForm form,
    KeyEntry key,
    VersionDecision decision,
    IndexedSnapshot current,
    long arrivalNanos,
    long queuedNanos,
    String traceparent,
    boolean graded) {
  /// Whether the client asked for server-sent events.
  public boolean stream() {
    return form == ResponseForm.STREAM;
  }

  /// How the copy of a mirrored request arrives.
  ///
  /// @param nowNanos monotonic, when it is sent
  public AdmittedRequest ofCopy(long nowNanos) {
    return new AdmittedRequest(
        requestId,
        path,
        model,
        form,
        key,
        decision.ofCopy(),
        current,
        nowNanos,
        0,
        traceparent,
        graded);
  }

  /// One for a text that nobody grades.
  public AdmittedRequest(
      String requestId,
      String path,
      String model,
      boolean stream,
      KeyEntry key,
      VersionDecision decision,
      IndexedSnapshot current,
      long arrivalNanos,
      long queuedNanos,
      String traceparent) {
    this(
        requestId,
        path,
        model,
        stream ? ResponseForm.STREAM : ResponseForm.WHOLE,
        key,
        decision,
        current,
        arrivalNanos,
        queuedNanos,
        traceparent,
        false);
  }

  /// One that did not wait and is part of no trace.
  public AdmittedRequest(
      String requestId,
      String path,
      String model,
      boolean stream,
      KeyEntry key,
      VersionDecision decision,
      IndexedSnapshot current,
      long arrivalNanos) {
    this(requestId, path, model, stream, key, decision, current, arrivalNanos, 0, "");
  }
}
