// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.ObservedEngine;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// A provider whose replicas run under [ReplicaSupervisors].
public abstract class SupervisedProvider implements Provider {
  private final ReplicaSupervisors supervisors;

  protected SupervisedProvider(LifecycleTiming timing, InstantSource clock) {
    this.supervisors = new ReplicaSupervisors(timing, clock);
  }

  protected final ReplicaSupervisors supervisors() {
    return supervisors;
  }

  @Override
  public final void stop(ReplicaName name, Duration grace) {
    supervisors.stop(name, grace);
  }

  @Override
  public final void restart(ReplicaName name, String launch) {
    supervisors.restart(name, launch);
  }

  @Override
  public final List<ObservedReplica> observe() {
    return supervisors.observe();
  }

  @Override
  public final Optional<ObservedEngine> engine(ReplicaName name) {
    return supervisors.engine(name);
  }

  @Override
  public final void onChange(Runnable listener) {
    supervisors.onChange(listener);
  }
}
