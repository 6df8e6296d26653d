// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.StoreOutage;
import dev.weir.snapshot.metric.RetiredMetrics;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/// Calls without a key. They reveal nothing about resources.
final class PublicCalls {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

  private final Store store;
  private final PrometheusMeterRegistry metrics;
  private final StoreOutage storeOutage;

  PublicCalls(Store store, PrometheusMeterRegistry metrics, StoreOutage storeOutage) {
    this.store = store;
    this.metrics = metrics;
    this.storeOutage = storeOutage;
  }

  ApiResponse health() {
    return ApiResponse.text(200, TEXT, "ok\n");
  }

  ApiResponse ready() {
    try {
      var _ = store.auditHead();
      return ApiResponse.text(200, TEXT, "ready\n");
    } catch (StoreException e) {
      throw ProblemException.of(e, storeOutage.failed());
    }
  }

  ApiResponse metrics() {
    return ApiResponse.text(200, EXPOSITION, RetiredMetrics.addedTo(metrics.scrape()));
  }
}
