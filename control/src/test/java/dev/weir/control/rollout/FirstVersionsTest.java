// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.change.Change;
import dev.weir.control.change.Change.ServiceProgress;
import dev.weir.control.change.Change.ServicesProgress;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeRefusedException;
import dev.weir.control.change.ChangeRefusedException.Why;
import dev.weir.control.crash.CrashPoints;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.value.VersionRef;
import dev.weir.store.Commit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FirstVersionsTest {
  private final List<Change> executed = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger published = new AtomicInteger();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch mayGoOn = new CountDownLatch(1);
  private Set<String> overtaken = Set.of();
  private Set<String> refused = Set.of();

  private final FirstVersions firsts =
      new FirstVersions(executor(), published::incrementAndGet, CrashPoints.NONE);

  /// Holds up its first change until the test lets it go on.
  private ChangeExecutor executor() {
    return (change, _, _) -> {
      executed.add(change);
      begun.countDown();
      try {
        mayGoOn.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return outcome(change);
    };
  }

  private Commit outcome(Change change) {
    for (ServiceProgress progress : services(change)) {
      String name = progress.service().metadata().name();
      if (refused.contains(name)) {
        throw new ChangeRefusedException(Why.CONFLICT, List.of());
      }
      if (overtaken.contains(name)) {
        return new Commit.Conflict(progress.service().ref(), 1, 2);
      }
    }
    return new Commit.Done(1, List.of());
  }

  private static List<ServiceProgress> services(Change change) {
    return switch (change) {
      case ServiceProgress one -> List.of(one);
      case ServicesProgress several -> several.services();
      default -> List.of();
    };
  }

  private boolean store(String name) {
    Service service = Resources.service(name, new VersionRef("chat", "1"));
    return firsts.store(new ServiceProgress(service, 1), "serving chat@1, the first version");
  }

  /// One Service is being stored while the others come.
  private List<CompletableFuture<Boolean>> storeMeanwhile(int others) throws InterruptedException {
    List<CompletableFuture<Boolean>> all = new ArrayList<>();
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    all.add(CompletableFuture.supplyAsync(() -> store("first"), threads));
    begun.await();
    for (int i = 0; i < others; i++) {
      String name = "s" + i;
      all.add(CompletableFuture.supplyAsync(() -> store(name), threads));
    }
    while (firsts.waiting() < others) {
      Thread.onSpinWait();
    }
    mayGoOn.countDown();
    return all;
  }

  @Test
  void a_service_that_comes_alone_does_not_wait() {
    mayGoOn.countDown();
    assertThat(store("first")).isTrue();
    assertThat(executed).singleElement().isInstanceOf(ServiceProgress.class);
    assertThat(published).hasValue(1);
  }

  @Test
  void those_that_come_meanwhile_are_stored_together_and_published_once() throws Exception {
    assertThat(storeMeanwhile(10)).allSatisfy(stored -> assertThat(stored.join()).isTrue());
    assertThat(executed).hasSize(2);
    assertThat(services(executed.getLast())).hasSize(10);
    assertThat(published).hasValue(2);
  }

  @Test
  void no_transaction_has_more_than_the_most() throws Exception {
    int others = FirstVersions.MOST + 3;
    assertThat(storeMeanwhile(others)).allSatisfy(stored -> assertThat(stored.join()).isTrue());
    assertThat(executed.stream().map(change -> services(change).size()))
        .containsExactly(1, FirstVersions.MOST, 3);
  }

  @Test
  void one_that_is_overtaken_or_refused_does_not_hold_up_the_others() throws Exception {
    overtaken = Set.of("s1");
    refused = Set.of("s2");
    List<CompletableFuture<Boolean>> all = storeMeanwhile(4);
    assertThat(all.get(1).join()).isTrue();
    assertThat(all.get(2).join()).isFalse();
    assertThatThrownBy(() -> all.get(3).join()).hasCauseInstanceOf(ChangeRefusedException.class);
    assertThat(all.get(4).join()).isTrue();
  }
}
