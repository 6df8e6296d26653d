// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Starts that get a stop request, fail, or both.
@Timeout(60)
class ServerLifecycleTest {
  private final ServerLifecycle serverLifecycle = new ServerLifecycle();
  private final List<String> closed = new CopyOnWriteArrayList<>();
  private final Thread ending = Thread.ofVirtual().unstarted(this::end);

  private void end() {
    try {
      serverLifecycle.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Requests a stop during a start.
  private void requestStop(BooleanSupplier stopRequested) {
    ending.start();
    while (!stopRequested.getAsBoolean()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  @Test
  void parts_that_a_start_creates_after_a_stop_request_are_closed_too() throws Exception {
    serverLifecycle.run((closeStack, stopRequested) -> {
      closeStack.<AutoCloseable>add("first", () -> closed.add("first"));
      requestStop(stopRequested);
      assertThat(closed).isEmpty();
      closeStack.<AutoCloseable>add("second", () -> closed.add("second"));
    });
    ending.join();
    assertThat(closed).containsExactly("second", "first");
  }

  @Test
  void a_failed_start_closes_its_parts_and_was_not_requested_to_stop() throws Exception {
    assertThatThrownBy(() ->
            serverLifecycle.run((closeStack, stopRequested) -> {
              closeStack.<AutoCloseable>add(
                  "it", () -> closed.add("stop requested: " + stopRequested.getAsBoolean()));
              throw new IOException("address already in use");
            }))
        .hasMessage("address already in use");
    assertThat(closed).containsExactly("stop requested: false");
    serverLifecycle.end();
    assertThat(closed).hasSize(1);
  }

  @Test
  void a_start_that_fails_after_a_stop_request_closes_its_parts_like_a_stop() throws Exception {
    assertThatThrownBy(() ->
            serverLifecycle.run((closeStack, stopRequested) -> {
              closeStack.<AutoCloseable>add(
                  "it", () -> closed.add("stop requested: " + stopRequested.getAsBoolean()));
              requestStop(stopRequested);
              throw new IllegalStateException("Shutdown in progress");
            }))
        .hasMessage("Shutdown in progress");
    ending.join();
    assertThat(closed).containsExactly("stop requested: true");
  }
}
