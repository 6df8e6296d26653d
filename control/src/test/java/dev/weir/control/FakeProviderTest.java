// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.model.Resources;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ProviderContract;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.TestModelServer.Mood;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The tests of `control` may rely on what the fake does, because it does what real providers do.
final class FakeProviderTest extends ProviderContract {
  private final ManualClock clock = new ManualClock();
  private final FakeProvider fake = new FakeProvider(clock, _ -> {});

  FakeProviderTest() {
    fake.findAll();
  }

  @Override
  protected Provider open() {
    return new Aging(fake.open(Resources.target("local")));
  }

  @Override
  protected Owner owner() {
    return Owner.PROVIDER;
  }

  @Override
  protected ReplicaIntent intent(ReplicaName name, Mood mood, int warmUpRequests) {
    if (mood == Mood.LOADING) {
      fake.loadForEver(name.version());
    } else {
      fake.loaded(name.version());
    }
    return new ReplicaIntent(
        name,
        "hash-1",
        Resources.simulated(),
        "chat",
        Duration.ofMinutes(1),
        Optional.empty(),
        warmUpRequests,
        Optional.empty(),
        Optional.empty());
  }

  @Override
  protected void crash(ObservedReplica replica) {
    fake.end(replica.name());
  }

  @Override
  protected void change(ObservedReplica replica, Mood mood) {
    fake.set(replica.name(), mood == Mood.FINE ? ReplicaState.READY : ReplicaState.UNREADY);
  }

  @Override
  protected boolean runs(ObservedReplica replica) {
    return fake.running().contains(replica.name());
  }

  /// Time passes after each observation.
  private final class Aging implements Provider {
    private final Provider provider;

    Aging(Provider provider) {
      this.provider = provider;
    }

    @Override
    public void ensure(ReplicaIntent intent) {
      provider.ensure(intent);
    }

    @Override
    public void stop(ReplicaName name, Duration grace) {
      provider.stop(name, grace);
    }

    @Override
    public void restart(ReplicaName name, String launch) {
      provider.restart(name, launch);
    }

    @Override
    public List<ObservedReplica> observe() {
      List<ObservedReplica> seen = provider.observe();
      clock.advance(Duration.ofSeconds(1));
      fake.tick();
      return seen;
    }

    @Override
    public void onChange(Runnable listener) {
      provider.onChange(listener);
    }

    @Override
    public void close() {
      provider.close();
    }
  }
}
