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

/// Subscribes to snapshots, installs each, writes it to disk, and resubscribes whenever the link
/// breaks, as long as the gateway runs.
public final class SnapshotClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotClient.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  /// A subscription that lasted this long counts as successful, even without a snapshot.
  private static final Duration HEALTHY_AFTER = Duration.ofSeconds(10);

  private final ControlLink link;
  private final LiveSnapshot live;
  private final DiskWriter disk;
  private final Consumer<Question> questions;
  private final Backoff backoff;
  private final RandomGenerator random;
  private final LongSupplier nanoTime;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicReference<Session> session = new AtomicReference<>(new Session());
  private final Thread thread;

  /// Does not connect before [#start].
  ///
  /// @param questions receives questions of the control plane; must be quick and not throw
  public SnapshotClient(
      ControlLink link,
      LiveSnapshot live,
      DiskWriter disk,
      Consumer<Question> questions,
      Backoff backoff,
      RandomGenerator random,
      LongSupplier nanoTime) {
    this.link = link;
    this.live = live;
    this.disk = disk;
    this.questions = questions;
    this.backoff = backoff;
    this.random = random;
    this.nanoTime = nanoTime;
    this.thread = Thread.ofVirtual().name("snapshot-feed").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /// Cancels the subscription and ends the loop; waits at most 5 s.
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
    String lastReason = "";
    try {
      while (closed.getCount() > 0) {
        long startedNanos = nanoTime.getAsLong();
        var next = new Session();
        session.set(next);
        String why = follow(next);
        boolean successful =
            next.receivedSnapshot || nanoTime.getAsLong() - startedNanos >= HEALTHY_AFTER.toNanos();
        failures = successful ? 0 : failures + 1;
        long delayMillis = backoff.delayMillis(failures, random);
        if (closed.getCount() > 0 && (successful || !why.equals(lastReason))) {
          lastReason = why; // log an outage once, not at every retry
          LOG.atWarn()
              .addKeyValue("event", "link.broken")
              .addKeyValue("reason", why)
              .addKeyValue("serving", live.current().sequence())
              .addKeyValue("retry_ms", delayMillis)
              .log("The connection to the control plane is interrupted");
        }
        if (closed.await(delayMillis, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Follows one subscription to its end and returns why it ended.
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
      LOG.atError()
          .addKeyValue("event", "link.failed")
          .setCause(e)
          .log("The connection to the control plane failed unexpectedly");
      return e.toString();
    } finally {
      current.cancel();
    }
  }

  private void install(Published published) {
    switch (live.install(published)) {
      case InstallResult.Swapped(var current) -> {
        LOG.atInfo()
            .addKeyValue("event", "snapshot.swapped")
            .addKeyValue("sequence", current.sequence())
            .log("The gateway serves a new snapshot");
        disk.offer(published);
      }
      case InstallResult.Confirmed _ -> disk.offer(published);
      case InstallResult.Overtaken _, InstallResult.OtherStore _, InstallResult.Refused _ -> {}
    }
  }

  /// One subscription. Supports links that block in `subscribe` and links that return at once.
  private final class Session implements ControlLink.Subscriber {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private volatile boolean receivedSnapshot;

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
      receivedSnapshot = true;
      install(published);
      var _ = subscription.thenAccept(s -> s.request(1));
    }

    @Override
    public void onQuestion(Question question) {
      if (!ended.isDone()) {
        questions.accept(question);
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
