// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.model.ReplicaName;
import dev.weir.model.ReplicaState;
import dev.weir.model.Target;
import dev.weir.model.VersionRef;
import dev.weir.runtime.ObservedEngine;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ProviderFactory;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.testkit.ManualClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/// A provider whose replicas are entries in a map. They outlive the control plane that wanted them:
/// a provider that was just opened knows of none until they are wanted again, and then adopts them,
/// or finds all of them by itself as the `process` provider does.
final class FakeProvider implements ProviderFactory {
  /// Told of every stop, before it happens.
  @FunctionalInterface
  interface StopWatch {
    void stopping(ReplicaName name);
  }

  private final ManualClock clock;
  private final StopWatch stops;
  private final Map<ReplicaName, Child> processes = new TreeMap<>();
  private final Map<ReplicaName, ObservedEngine> engines = new HashMap<>();
  private final Set<VersionRef> crashing = new HashSet<>();
  private final Set<VersionRef> loading = new HashSet<>();
  private final Set<VersionRef> stubborn = new HashSet<>();
  private final Map<ReplicaName, Integer> starts = new TreeMap<>();
  private boolean findsAll;
  private volatile boolean heldUp;
  private int nextPort = 9001;
  private long observed;

  private static final class Child {
    private final String target;
    private final ReplicaIntent intent;
    private final int port;
    private ReplicaState state;
    private Instant since;
    private int launch;

    Child(String target, ReplicaIntent intent, int port, Instant since) {
      this.target = target;
      this.intent = intent;
      this.port = port;
      this.state = ReplicaState.STARTING;
      this.since = since;
    }

    URI endpoint() {
      return intent.endpoint().orElse(URI.create("http://127.0.0.1:" + port));
    }
  }

  FakeProvider(ManualClock clock, StopWatch stops) {
    this.clock = clock;
    this.stops = stops;
  }

  /// How often it was asked what runs.
  synchronized long observed() {
    return observed;
  }

  /// Whether a listener did not come back while a provider was being closed.
  boolean heldUp() {
    return heldUp;
  }

  /// Providers that are opened from now on know what runs.
  synchronized void findAll() {
    findsAll = true;
  }

  /// Replicas of the version end in a crash loop from now on.
  synchronized void crash(VersionRef version) {
    crashing.add(version);
  }

  /// Replicas of the version start as they should again.
  synchronized void mend(VersionRef version) {
    crashing.remove(version);
    set(version, ReplicaState.READY);
  }

  /// How often each replica's process was started.
  synchronized Map<ReplicaName, Integer> starts() {
    return Map.copyOf(starts);
  }

  /// Replicas of the version never become ready.
  synchronized void loadForEver(VersionRef version) {
    loading.add(version);
  }

  /// Replicas of the version become ready after all.
  synchronized void loaded(VersionRef version) {
    loading.remove(version);
  }

  /// Replicas of the version do not stop, whatever is done to them.
  synchronized void neverStop(VersionRef version) {
    stubborn.add(version);
  }

  synchronized void set(VersionRef version, ReplicaState state) {
    processes.values().stream()
        .filter(p -> p.intent.name().version().equals(version))
        .forEach(p -> enter(p, state));
  }

  synchronized void set(ReplicaName name, ReplicaState state) {
    Optional.ofNullable(processes.get(name)).ifPresent(p -> enter(p, state));
  }

  synchronized List<ReplicaName> running() {
    return List.copyOf(processes.keySet());
  }

  /// What time does to children.
  synchronized void tick() {
    processes
        .values()
        .removeIf(
            p -> p.state == ReplicaState.STOPPING && !stubborn.contains(p.intent.name().version()));
    for (Child process : processes.values()) {
      VersionRef version = process.intent.name().version();
      if (crashing.contains(version) && process.state != ReplicaState.FAILED) {
        enter(process, ReplicaState.FAILED);
      } else if (process.state == ReplicaState.STARTING && !loading.contains(version)) {
        enter(process, ReplicaState.READY);
      }
    }
  }

  /// What engines tell from now on; nothing else asks.
  synchronized void tell(ReplicaName name, ObservedEngine engine) {
    engines.put(name, engine);
  }

  private static String launch(Child process) {
    return process.intent.name() + "#" + process.launch;
  }

  /// How often the replica was started again.
  synchronized int restarts(ReplicaName name) {
    return Optional.ofNullable(processes.get(name)).map(p -> p.launch).orElse(0);
  }

  private void enter(Child process, ReplicaState state) {
    process.state = state;
    process.since = clock.instant();
  }

  @Override
  public synchronized Provider open(Target target) {
    Opened opened = new Opened(target.metadata().name());
    if (findsAll) {
      processes.values().stream()
          .filter(process -> process.target.equals(opened.target))
          .forEach(process -> opened.known.put(process.intent.name(), true));
    }
    return opened;
  }

  @Override
  public synchronized Set<String> left() {
    return findsAll
        ? processes.values().stream().map(process -> process.target).collect(Collectors.toSet())
        : Set.of();
  }

  private final class Opened implements Provider {
    private final String target;
    private final Map<ReplicaName, Boolean> known = new HashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    Opened(String target) {
      this.target = target;
    }

    @Override
    public void ensure(ReplicaIntent intent) {
      synchronized (FakeProvider.this) {
        wanted(intent);
      }
    }

    private void wanted(ReplicaIntent intent) {
      known.put(intent.name(), true);
      processes.computeIfAbsent(
          intent.name(),
          name -> {
            starts.merge(name, 1, Integer::sum);
            return new Child(target, intent, nextPort++, clock.instant());
          });
    }

    @Override
    public void stop(ReplicaName name, Duration grace) {
      Optional.ofNullable(processes.get(name))
          .ifPresent(process -> {
            stops.stopping(name);
            enter(process, ReplicaState.STOPPING);
          });
    }

    @Override
    public void restart(ReplicaName name, String launch) {
      Optional.ofNullable(processes.get(name))
          .filter(process -> launch(process).equals(launch))
          .ifPresent(process -> {
            stops.stopping(name);
            process.launch++;
            enter(process, ReplicaState.STARTING);
          });
    }

    @Override
    public Optional<ObservedEngine> engine(ReplicaName name) {
      synchronized (FakeProvider.this) {
        return Optional.ofNullable(engines.get(name));
      }
    }

    @Override
    public List<ObservedReplica> observe() {
      synchronized (FakeProvider.this) {
        observed++;
        return seen();
      }
    }

    private List<ObservedReplica> seen() {
      List<ObservedReplica> seen = new ArrayList<>();
      for (Child process : processes.values()) {
        if (known.containsKey(process.intent.name())) {
          seen.add(
              new ObservedReplica(
                  process.intent.name(),
                  process.intent.specHash(),
                  process.state,
                  Optional.of(process.endpoint()),
                  Optional.of(1L),
                  process.state == ReplicaState.FAILED ? 3 : 0,
                  launch(process),
                  process.since,
                  process.state == ReplicaState.FAILED ? "exit code 1, 3 times" : ""));
        }
      }
      return seen;
    }

    @Override
    public void onChange(Runnable listener) {
      // Passes look at everything anyway; who closes is told, as replicas that just end would.
      listeners.add(listener);
    }

    /// Waits, as real ones do, for threads of its own that may just be telling of a change.
    @Override
    public void close() {
      known.clear();
      for (Runnable listener : listeners) {
        try {
          CompletableFuture.runAsync(listener).get(5, TimeUnit.SECONDS);
        } catch (TimeoutException _) {
          heldUp = true;
        } catch (InterruptedException | ExecutionException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
