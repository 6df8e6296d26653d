// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.store.Store;
import dev.weir.store.StoreException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/// What needs no key. It says nothing of resources.
final class OpenCalls {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

  private final Store store;
  private final PrometheusMeterRegistry metrics;
  private final Outage outage;

  OpenCalls(Store store, PrometheusMeterRegistry metrics, Outage outage) {
    this.store = store;
    this.metrics = metrics;
    this.outage = outage;
  }

  Answer health() {
    return Answer.text(200, TEXT, "ok\n");
  }

  Answer ready() {
    try {
      var _ = store.auditHead();
      return Answer.text(200, TEXT, "ready\n");
    } catch (StoreException e) {
      throw ProblemException.of(e, outage.failed());
    }
  }

  Answer metrics() {
    return Answer.text(200, EXPOSITION, metrics.scrape());
  }
}
