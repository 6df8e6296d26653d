// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.Question;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class SnapshotClientTest {
  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(Snapshots.PUBLISHED_AT);
  private final LiveSnapshot live = new LiveSnapshot(clock, clock);
  private final FakeLink link = new FakeLink();
  private final BlockingQueue<Question> questions = new LinkedBlockingQueue<>();

  private DiskWriter writer(DiskCopy disk) {
    return new DiskWriter(disk, new StoreFile(folder.resolve("store")));
  }

  @Test
  void a_snapshot_from_the_link_is_served_and_written_to_disk() throws Exception {
    var swapped = new LinkedBlockingQueue<Long>();
    live.onSwap(current -> swapped.add(current.sequence()));
    var disk = new DiskCopy(folder.resolve("snapshot"));
    try (var writer = writer(disk);
        var snapshotClient = feed(writer)) {
      snapshotClient.start();
      Subscribed first = link.next();
      assertThat(first.after()).isZero();
      first.subscriber().onNext(SnapshotCodec.publish(Snapshots.small()));
      assertThat(swapped.poll(10, TimeUnit.SECONDS)).isEqualTo(1);
    }
    assertThat(disk.read())
        .isEqualTo(new DiskCopy.Found.Usable(SnapshotCodec.publish(Snapshots.small())));
  }

  @Test
  void a_broken_link_is_subscribed_again_after_the_served_snapshot() throws Exception {
    try (var writer = writer(new DiskCopy(folder.resolve("snapshot")));
        var snapshotClient = feed(writer)) {
      snapshotClient.start();
      Subscribed first = link.next();
      first
          .subscriber()
          .onNext(SnapshotCodec.publish(Snapshots.withSequence(Snapshots.small(), 4)));
      first.subscriber().onError(new IOException("cut on purpose"));
      Subscribed second = link.next();
      assertThat(second.after()).isEqualTo(4);
      second.subscriber().onComplete();
      Subscribed third = link.next();
      assertThat(third.after()).isEqualTo(4);
      first
          .subscriber()
          .onNext(SnapshotCodec.publish(Snapshots.withSequence(Snapshots.small(), 9)));
      assertThat(live.current().sequence()).as("a dead subscription is ignored").isEqualTo(4);
    }
  }

  @Test
  void each_snapshot_is_requested_when_the_previous_one_is_served() throws Exception {
    try (var writer = writer(new DiskCopy(folder.resolve("snapshot")));
        var snapshotClient = feed(writer)) {
      snapshotClient.start();
      Subscribed first = link.next();
      assertThat(first.subscription().requested.take()).isEqualTo(1);
      first.subscriber().onNext(SnapshotCodec.publish(Snapshots.small()));
      assertThat(first.subscription().requested.take()).isEqualTo(1);
    }
  }

  @Test
  void a_question_is_passed_on_while_the_subscription_lasts() throws Exception {
    try (var writer = writer(new DiskCopy(folder.resolve("snapshot")));
        var snapshotClient = feed(writer)) {
      snapshotClient.start();
      Subscribed first = link.next();
      first.subscriber().onQuestion(new Question("1", "explain", "r"));
      assertThat(questions.take()).isEqualTo(new Question("1", "explain", "r"));
      first.subscriber().onComplete();
      first.subscriber().onQuestion(new Question("2", "explain", "r"));
      assertThat(questions).isEmpty();
    }
  }

  @Test
  void closing_cancels_the_subscription() throws Exception {
    var writer = writer(new DiskCopy(folder.resolve("snapshot")));
    var snapshotClient = feed(writer);
    snapshotClient.start();
    Subscribed first = link.next();
    snapshotClient.close();
    assertThat(first.subscription().cancelled.poll(10, TimeUnit.SECONDS)).isTrue();
    writer.close();
  }

  private SnapshotClient feed(DiskWriter writer) {
    return new SnapshotClient(
        link, live, writer, questions::add, new Backoff(1, 2), new SplittableRandom(1), clock);
  }

  private record Subscribed(
      long after, ControlLink.Subscriber subscriber, FakeSubscription subscription) {}

  private static final class FakeSubscription implements Flow.Subscription {
    private final BlockingQueue<Long> requested = new LinkedBlockingQueue<>();
    private final BlockingQueue<Boolean> cancelled = new LinkedBlockingQueue<>();

    @Override
    public void request(long n) {
      requested.add(n);
    }

    @Override
    public void cancel() {
      cancelled.add(true);
    }
  }

  /// Returns from `subscribe` at once, like a link inside one process.
  private static final class FakeLink implements ControlLink {
    private final BlockingQueue<Subscribed> subscribed = new LinkedBlockingQueue<>();

    @Override
    public void subscribe(long after, Subscriber subscriber) {
      var subscription = new FakeSubscription();
      subscriber.onSubscribe(subscription);
      subscribed.add(new Subscribed(after, subscriber, subscription));
    }

    @Override
    public void answer(GatewayAnswer answer) {
      throw new UnsupportedOperationException("not part of this test");
    }

    @Override
    public TelemetryAck send(Telemetry telemetry) {
      return new TelemetryAck(telemetry.batch(), 0);
    }

    Subscribed next() throws InterruptedException {
      Subscribed next = subscribed.poll(10, TimeUnit.SECONDS);
      assertThat(next).isNotNull();
      return next;
    }
  }
}
