// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import dev.weir.gateway.link.HttpControlLink;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.Question;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.SnapshotCheck;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Hears every snapshot as a gateway does, over every death of the control plane, and says what is
/// wrong with any.
public final class SnapshotObserver implements AutoCloseable {
  private static final Duration BEFORE_NEXT_TRY = Duration.ofMillis(50);

  private final HttpControlLink link;
  private final Queue<String> problems = new ConcurrentLinkedQueue<>();
  private final String asked;
  private volatile long newest;
  private final AtomicInteger seen = new AtomicInteger();
  private volatile boolean over;

  /// @param asked the id of the Service that clients ask all the time
  public SnapshotObserver(String control, String gatewayKey, String asked) {
    this.asked = asked;
    link = new HttpControlLink(URI.create(control), () -> gatewayKey, Optional.empty());
    Thread _ = Thread.ofVirtual().name("pictures").start(this::hear);
  }

  public int seen() {
    return seen.get();
  }

  /// At most a hundred.
  public List<String> problems() {
    return List.copyOf(problems);
  }

  // The link follows the stream on this thread and returns when it broke.
  private void hear() {
    while (!over) {
      link.subscribe(newest, new Hearer());
      LockSupport.parkNanos(BEFORE_NEXT_TRY.toNanos());
    }
  }

  private void see(RoutingSnapshot snapshot) {
    int _ = seen.incrementAndGet();
    if (snapshot.sequence() < newest) {
      problem("sequence " + snapshot.sequence() + " after " + newest);
    }
    newest = snapshot.sequence();
    SnapshotCheck.problems(snapshot).forEach(this::problem);
    snapshot.services().forEach(this::checkWeights);
  }

  private void checkWeights(ServiceEntry service) {
    int canary = service.canary().stream().mapToInt(CanaryArm::weightMillionths).sum();
    if (canary < 0 || canary > SnapshotCheck.FULL_WEIGHT_MILLIONTHS) {
      problem("a canary weight of " + canary + " millionths in " + service);
    }
    if (service.id().equals(asked) && service.stable().replicas().isEmpty()) {
      problem("nothing to route to in snapshot " + newest + ": " + service);
    }
  }

  private void problem(String what) {
    if (problems.size() < 100) {
      problems.add(what);
    }
  }

  @Override
  public void close() {
    over = true;
    link.close();
  }

  private final class Hearer implements ControlLink.Subscriber {
    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Published published) {
      see(published.snapshot());
    }

    @Override
    public void onQuestion(Question question) {
      // It is no gateway that clients could ask about.
    }

    @Override
    public void onError(Throwable cause) {
      // It subscribes again.
    }

    @Override
    public void onComplete() {
      // It subscribes again.
    }
  }
}
