// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.question.GatewayQuestions;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.Question;
import dev.weir.snapshot.StoreHead;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.TelemetryAck;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The control plane's side of the link, for gateways in this process and for the HTTP endpoint.
///
/// Each subscriber has a virtual thread. It waits for demand, then for a snapshot newer than the
/// last one sent. Intermediate snapshots are skipped.
public final class SnapshotServer implements ControlLink, AutoCloseable {
  private static final long WAIT_MILLIS = 1_000;
  private static final int MOST_SUBSCRIBERS = 10_000;

  private final Publisher publisher;
  private final TelemetrySink sink;
  private final GatewayQuestions questions;
  private final AuditWitnesses witnesses;
  private final long leaseMillis;
  private final Set<GatewaySubscription> gatewaySubscriptions = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public SnapshotServer(
      Publisher publisher,
      TelemetrySink sink,
      GatewayQuestions questions,
      AuditWitnesses witnesses,
      long leaseMillis) {
    this.publisher = publisher;
    this.sink = sink;
    this.questions = questions;
    this.witnesses = witnesses;
    this.leaseMillis = leaseMillis;
  }

  @Override
  public void subscribe(long afterSequence, Subscriber subscriber) {
    GatewaySubscription gatewaySubscription = new GatewaySubscription(afterSequence, subscriber);
    subscriber.onSubscribe(gatewaySubscription);
    if (closed || gatewaySubscriptions.size() >= MOST_SUBSCRIBERS) {
      subscriber.onError(
          new IOException(closed ? "the control plane is stopping" : "too many subscribers"));
      return;
    }
    gatewaySubscriptions.add(gatewaySubscription);
    gatewaySubscription.start();
  }

  /// Grants a lease only to a gateway whose snapshot contains every weight that was lowered since.
  /// A gateway that missed a rollback, or that follows another store, must stop routing to canaries
  /// at once.
  @Override
  public TelemetryAck send(Telemetry telemetry) throws IOException {
    if (closed) {
      throw new IOException("the control plane is stopping");
    }
    long batch = sink.accept(telemetry);
    StoreHead head = witnesses.head();
    boolean feeds =
        !head.contradicts(telemetry.witness()) && publisher.mayFeed(telemetry.snapshotSequence());
    long lease = feeds ? leaseMillis : 0;
    sink.granted(telemetry.gateway(), lease);
    boolean holds = witnesses.recordReported(telemetry.gateway(), telemetry.witness());
    return new TelemetryAck(batch, lease, sink.liveGateways(), head, holds);
  }

  @Override
  public void answer(GatewayAnswer answer) {
    questions.answered(answer);
  }

  /// Ends all subscriptions with an error, so that subscribers reconnect.
  @Override
  public void close() {
    closed = true;
    gatewaySubscriptions.forEach(gatewaySubscription ->
        gatewaySubscription.fail(new IOException("the control plane is stopping")));
  }

  private final class GatewaySubscription implements Subscription {
    private final Subscriber subscriber;
    private final Consumer<Question> asking;
    private final Semaphore demand = new Semaphore(0);
    private volatile long after;
    private volatile boolean ended;

    GatewaySubscription(long after, Subscriber subscriber) {
      this.after = after;
      this.subscriber = subscriber;
      this.asking = subscriber::onQuestion;
    }

    void start() {
      questions.join(asking);
      Thread.ofVirtual().name("snapshot feed").start(this::feed);
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        fail(new IllegalArgumentException("demand must be positive: " + n));
        return;
      }
      int room = Integer.MAX_VALUE / 2 - demand.availablePermits();
      demand.release((int) Math.min(n, Math.max(0, room)));
    }

    @Override
    public void cancel() {
      ended = true;
      questions.leave(asking);
      gatewaySubscriptions.remove(this);
    }

    private void feed() {
      try {
        while (!ended) {
          if (demand.tryAcquire(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
            feedNext();
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        fail(e);
      } finally {
        cancel();
      }
    }

    private void feedNext() throws InterruptedException {
      Optional<Published> next = Optional.empty();
      while (!ended && next.isEmpty()) {
        next = publisher.awaitAfter(after, WAIT_MILLIS);
      }
      if (!ended && next.isPresent()) {
        after = next.get().snapshot().sequence();
        subscriber.onNext(next.get());
      }
    }

    private void fail(Throwable cause) {
      if (!ended) {
        cancel();
        subscriber.onError(cause);
      }
    }
  }
}
