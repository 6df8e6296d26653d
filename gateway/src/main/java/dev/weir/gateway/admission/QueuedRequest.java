// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.snapshot.RoutingSnapshot.Priority;
import java.util.Comparator;

/// One request in an admission queue. Only the queue changes its tags.
final class QueuedRequest {
  /// Priority, then start tag of fair queueing, then arrival.
  static final Comparator<QueuedRequest> ORDER =
      Comparator.<QueuedRequest, Priority>comparing(
              queuedRequest -> queuedRequest.request.priority())
          .thenComparingDouble(queuedRequest -> queuedRequest.start)
          .thenComparingLong(queuedRequest -> queuedRequest.number);

  final AdmissionRequest request;
  final QueueListener queueListener;
  final long number;
  long nextKeepAliveNanos;
  double start;
  double finish;

  QueuedRequest(
      AdmissionRequest request, QueueListener queueListener, long number, long nextSignNanos) {
    this.request = request;
    this.queueListener = queueListener;
    this.number = number;
    this.nextKeepAliveNanos = nextSignNanos;
  }
}
