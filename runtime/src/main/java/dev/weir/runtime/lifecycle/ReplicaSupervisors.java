// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.ObservedEngine;
import dev.weir.runtime.ObservedReplica;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The replicas of a provider with their supervisors.
public final class ReplicaSupervisors implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaSupervisors.class);

  private final LifecycleTiming timing;
  private final InstantSource clock;
  private final ThreadFactory threads;
  private final Map<ReplicaName, ReplicaSupervisor> supervisors = new ConcurrentSkipListMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final List<Thread> running = new ArrayList<>();
  private final EngineWatch engines;
  private final Thread watching;
  private boolean closed;

  public ReplicaSupervisors(LifecycleTiming timing, InstantSource clock) {
    this.timing = timing;
    this.clock = clock;
    this.threads = Thread.ofVirtual().name("replica-", 0).factory();
    this.engines = new EngineWatch(this::ready, clock);
    this.watching = Thread.ofVirtual().name("engines").start(engines);
  }

  /// Starts a supervisor for a new replica, unless it exists.
  public void ensure(ReplicaName name, Supplier<ReplicaParts> replica) {
    start(name, replica, null);
  }

  /// Continues the lifecycle of a replica that an earlier process of Weir started.
  public void adopt(ReplicaParts replica, ReplicaLifecycle lifecycle) {
    start(replica.name(), () -> replica, lifecycle);
  }

  /// Notifies listeners after the lock is released, because they may call `observe` from any
  /// thread.
  private void start(
      ReplicaName name,
      Supplier<ReplicaParts> replica,
      @org.jspecify.annotations.Nullable ReplicaLifecycle recalled) {
    if (startIfAbsent(name, replica, recalled)) {
      notifyListeners();
    }
  }

  private synchronized boolean startIfAbsent(
      ReplicaName name,
      Supplier<ReplicaParts> replica,
      @org.jspecify.annotations.Nullable ReplicaLifecycle recalled) {
    if (closed) {
      throw new IllegalStateException("the provider is closed");
    }
    ReplicaSupervisor present = supervisors.get(name);
    if (present != null && !present.stopped()) {
      return false;
    }
    ReplicaLifecycle lifecycle =
        recalled == null ? ReplicaLifecycle.wanted(clock.instant()) : recalled;
    ReplicaSupervisor supervisor =
        new ReplicaSupervisor(replica.get(), lifecycle, timing, clock, this::notifyListeners);
    supervisors.put(name, supervisor);
    running.removeIf(thread -> !thread.isAlive());
    Thread thread = threads.newThread(supervisor);
    running.add(thread);
    thread.start();
    return true;
  }

  public void stop(ReplicaName name, Duration grace) {
    ReplicaSupervisor supervisor = supervisors.get(name);
    if (supervisor != null) {
      supervisor.stop(grace);
    }
  }

  public void restart(ReplicaName name, String launch) {
    ReplicaSupervisor supervisor = supervisors.get(name);
    if (supervisor != null) {
      supervisor.restart(launch);
    }
  }

  /// All replicas by name. A stopped replica is reported once.
  public synchronized List<ObservedReplica> observe() {
    List<ObservedReplica> all = new ArrayList<>();
    for (ReplicaSupervisor supervisor : List.copyOf(supervisors.values())) {
      boolean last = supervisor.stopped();
      ObservedReplica observed = supervisor.observed();
      all.add(observed);
      if (last && observed.state() == dev.weir.model.status.ReplicaState.STOPPED) {
        supervisors.remove(observed.name());
      }
    }
    return all;
  }

  /// The last report of a ready replica's engine.
  public Optional<ObservedEngine> engine(ReplicaName name) {
    return engines.of(name);
  }

  private List<EngineWatch.Subject> ready() {
    return supervisors.values().stream().flatMap(each -> each.subject().stream()).toList();
  }

  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  private void notifyListeners() {
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOG.atError()
            .addKeyValue("event", "replica.listener.failed")
            .setCause(e)
            .log("A listener of replica changes failed");
      }
    }
  }

  /// Stops all supervisors without changing the replicas.
  @Override
  public void close() {
    watching.interrupt();
    List<Thread> ending;
    synchronized (this) {
      closed = true;
      supervisors.values().forEach(ReplicaSupervisor::close);
      ending = List.copyOf(running);
    }
    try {
      for (Thread thread : ending) {
        if (!thread.join(Duration.ofSeconds(10))) {
          LOG.atWarn()
              .addKeyValue("event", "replica.supervision.slow")
              .addKeyValue("thread", thread.getName())
              .log("The supervision of a replica did not end in time");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
