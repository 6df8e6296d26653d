// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.ResponseForm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;

/// A request that was fully read, authenticated, routed and admitted.
///
/// @param path without query, such as `/v1/chat/completions`
/// @param model the public model name
/// @param form the response form that the client requested
/// @param current the snapshot that serves the request to its end
/// @param arrivalNanos monotonic, when it was fully received and admitted (the engine is not
///   charged for a slow upload or for queueing)
/// @param queuedNanos time spent in the admission queue
/// @param traceparent as the client sent it (W3C Trace Context), or empty
/// @param graded whether a judge grades its answer
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
  /// Whether the client requested server-sent events.
  public boolean stream() {
    return form == ResponseForm.STREAM;
  }

  /// The shadow copy of this request.
  ///
  /// @param nowNanos monotonic, when the copy is sent
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

  /// A request that is not graded.
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

  /// A request that was not queued and has no trace.
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
