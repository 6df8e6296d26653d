// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.load.LoopLag;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// The requests of one event loop that were received but not read yet, because the loop is late.
/// They continue in short slices, in order. Between two slices the loop polls its connections,
/// which reveals disconnected clients and drains the kernel's buffers. While the loop is not late,
/// no request waits here. Event loop only.
final class UnreadRequests {
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final EventLoop loop;
  private final LoopLag lag;
  private final LongSupplier nanoTime;
  private final ArrayDeque<RequestGate> waiting = new ArrayDeque<>();
  private boolean scheduled;

  UnreadRequests(EventLoop loop, LoopLag lag, LongSupplier nanoTime) {
    this.loop = loop;
    this.lag = lag;
    this.nanoTime = nanoTime;
  }

  /// Starts measuring.
  void start() {
    var _ =
        loop.scheduleWithFixedDelay(
            this::tick, LoopLag.TICK_NANOS, LoopLag.TICK_NANOS, TimeUnit.NANOSECONDS);
  }

  void tick() {
    RequestGate oldest = waiting.peekFirst();
    lag.tick(oldest == null ? 0 : nanoTime.getAsLong() - oldest.heldSinceNanos());
  }

  LoopLag lag() {
    return lag;
  }

  /// Whether a request that arrives now has to wait.
  boolean busy() {
    return !waiting.isEmpty() || lag.late();
  }

  /// Queues a request, which continues when its turn comes.
  void enter(RequestGate gate) {
    waiting.addLast(gate);
    schedule();
  }

  /// A task scheduled with a delay runs after the next poll; an immediate one would run before it.
  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      var _ = loop.schedule(this::slice, 0, TimeUnit.NANOSECONDS);
    }
  }

  private void slice() {
    scheduled = false;
    long end = nanoTime.getAsLong() + SLICE_NANOS;
    RequestGate next = waiting.pollFirst();
    while (next != null) {
      next.proceed();
      next = nanoTime.getAsLong() - end < 0 ? waiting.pollFirst() : null;
    }
    if (!waiting.isEmpty()) {
      schedule();
    }
  }
}
