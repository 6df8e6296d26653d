// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.Question;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Subscribes to snapshots, installs each, writes it to disk, and subscribes again whenever the
/// link breaks, for as long as the gateway runs.
public final class SnapshotClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotClient.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  /// A subscription that held so long was a good one, even if it brought nothing.
  private static final Duration GOOD_AFTER = Duration.ofSeconds(10);

  private final ControlLink link;
  private final LiveSnapshot live;
  private final DiskWriter disk;
  private final Consumer<Question> asked;
  private final Backoff backoff;
  private final RandomGenerator random;
  private final LongSupplier nanoTime;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicReference<Session> session = new AtomicReference<>(new Session());
  private final Thread thread;

  /// Ready to [#start].
  ///
  /// @param asked takes questions of the control plane; quick, does not throw
  public SnapshotClient(
      ControlLink link,
      LiveSnapshot live,
      DiskWriter disk,
      Consumer<Question> asked,
      Backoff backoff,
      RandomGenerator random,
      LongSupplier nanoTime) {
    this.link = link;
    this.live = live;
    this.disk = disk;
    this.asked = asked;
    this.backoff = backoff;
    this.random = random;
    this.nanoTime = nanoTime;
    this.thread = Thread.ofVirtual().name("snapshot-feed").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /// Cancels the subscription and ends the loop; waits 5 s at most.
  @Override
  public void close() {
    closed.countDown();
    session.get().cancel();
    try {
      if (thread.getState() != Thread.State.NEW && !thread.join(CLOSE_WAIT)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    int failures = 0;
    String said = "";
    try {
      while (closed.getCount() > 0) {
        long startedNanos = nanoTime.getAsLong();
        var next = new Session();
        session.set(next);
        String why = follow(next);
        boolean good = next.brought || nanoTime.getAsLong() - startedNanos >= GOOD_AFTER.toNanos();
        failures = good ? 0 : failures + 1;
        long delayMillis = backoff.delayMillis(failures, random);
        if (closed.getCount() > 0 && (good || !why.equals(said))) {
          said = why; // a control plane that is away for hours is one line, not thousands
          LOG.warn(
              "event=link.broken why=\"{}\" serving={} retryMillis={}",
              why,
              live.current().sequence(),
              delayMillis);
        }
        if (closed.await(delayMillis, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Follows one subscription to its end and says why it ended.
  private String follow(Session current) throws InterruptedException {
    if (closed.getCount() == 0) {
      return "closed";
    }
    try {
      link.subscribe(live.subscribeAfter(), current);
      current.ended.get();
      return "the control plane ended the stream";
    } catch (ExecutionException e) {
      return String.valueOf(e.getCause());
    } catch (RuntimeException e) {
      LOG.error("event=link.failed", e);
      return e.toString();
    } finally {
      current.cancel();
    }
  }

  private void take(Published published) {
    switch (live.install(published)) {
      case InstallResult.Swapped(var current) -> {
        LOG.info("event=snapshot.swapped sequence={}", current.sequence());
        disk.offer(published);
      }
      case InstallResult.Confirmed _ -> disk.offer(published);
      case InstallResult.Overtaken _, InstallResult.OtherStore _, InstallResult.Refused _ -> {}
    }
  }

  /// One subscription. Works for links that block in `subscribe` and for those that return at once.
  private final class Session implements ControlLink.Subscriber {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private volatile boolean brought;

    @Override
    public void onSubscribe(Flow.Subscription given) {
      if (ended.isDone() || !subscription.complete(given)) {
        given.cancel();
      } else {
        given.request(1);
      }
    }

    @Override
    public void onNext(Published published) {
      if (ended.isDone()) {
        return;
      }
      brought = true;
      take(published);
      var _ = subscription.thenAccept(s -> s.request(1));
    }

    @Override
    public void asked(Question question) {
      if (!ended.isDone()) {
        asked.accept(question);
      }
    }

    @Override
    public void onError(Throwable why) {
      ended.completeExceptionally(why);
    }

    @Override
    public void onComplete() {
      ended.complete(null);
    }

    void cancel() {
      ended.complete(null);
      var _ = subscription.thenAccept(Flow.Subscription::cancel);
    }
  }
}
