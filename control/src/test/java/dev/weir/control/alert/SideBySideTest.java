// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.channel.DeliveryResult;
import dev.weir.control.channel.Message;
import dev.weir.control.channel.MessageFormatter;
import dev.weir.control.channel.MessageTransport;
import dev.weir.control.convergence.ConvergenceAlarm;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.observation.ResolvedNames;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.Views;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.QueueView;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import dev.weir.store.AuditDraft;
import dev.weir.store.Store;
import dev.weir.store.Write;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SideBySideTest {
  private static final String HANGS = "http://127.0.0.1:9/hangs";
  private static final int OTHERS = 40;

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock();
  private final CountDownLatch hanging = new CountDownLatch(1);
  private final CountDownLatch told = new CountDownLatch(OTHERS);
  private final CountDownLatch released = new CountDownLatch(1);

  private final class OneThatHangs implements MessageTransport {
    @Override
    public DeliveryResult send(Message message) throws InterruptedException {
      if (((Message.Post) message).to().toString().equals(HANGS)) {
        hanging.countDown();
        released.await();
      } else {
        hanging.await();
        told.countDown();
      }
      return new DeliveryResult.Accepted("204");
    }
  }

  private static final class NoViews implements Views {
    @Override
    public List<ReplicaView> replicas() {
      return List.of();
    }

    @Override
    public List<ServiceView> serving() {
      return List.of();
    }

    @Override
    public List<GatewayView> gateways() {
      return List.of();
    }

    @Override
    public List<QueueView> queues() {
      return List.of();
    }

    @Override
    public Optional<String> outOfSync(Service service) {
      return Optional.empty();
    }

    @Override
    public Optional<String> progress(Resource resource) {
      return Optional.empty();
    }
  }

  private void channel(Store store, String name, String url) {
    var _ =
        store.commit(
            List.of(new Write.Put(Resources.alertChannel(name, url), OptionalLong.empty())),
            new AuditDraft("test", "", "", "test", "", "allowed", ""));
  }

  @Test
  void a_channel_that_hangs_delays_no_other() throws InterruptedException {
    try (Store store = SqliteStore.open(folder, clock)) {
      channel(store, "a-hangs", HANGS);
      for (int i = 0; i < OTHERS; i++) {
        channel(store, "b-" + i, "http://127.0.0.1:9/" + i);
      }
      ConvergenceAlarm alarm =
          new ConvergenceAlarm(
              "gw-a", ConvergenceAlarm.Reason.REVERT, "default/chat-1", "serves snapshot 3");
      try (AlertEngine alertEngine =
          new AlertEngine(
              new AlertEngine.Inputs(
                  store,
                  new ResourceSnapshot.Reader(store, () -> ResolvedNames.NONE),
                  new NoViews(),
                  () -> List.of(alarm),
                  new ControlClock(clock, clock),
                  Instant.MIN,
                  _ -> Optional.empty()),
              new AlertEngine.Outputs(
                  new ObservationStore(store.observations(), CrashPoints.NONE),
                  new Notifier(new MessageFormatter(reference -> ""), new OneThatHangs(), () -> ""),
                  CrashPoints.NONE),
              System::nanoTime,
              new Random(1))) {
        alertEngine.start();
        alertEngine.evaluate();
        assertThat(told.await(5, TimeUnit.MINUTES)).as("all but one are told").isTrue();
        assertThat(released.getCount()).as("while one hangs").isEqualTo(1);
        released.countDown();
      }
    }
  }
}
