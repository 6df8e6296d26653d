// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.model.Target;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
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

/// A provider whose replicas are entries in a map; time passes for them with [#tick]. They outlive
/// the control plane that wanted them: a provider that was just opened knows of none until they are
/// wanted again, and then adopts them, or finds all of them by itself as the `process` provider
/// does.
public final class FakeProvider implements ProviderFactory {
  /// Told of every stop, before it happens.
  @FunctionalInterface
  public interface StopWatch {
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
  private final List<Opened> openProviders = new CopyOnWriteArrayList<>();
  private boolean findsAll;
  private volatile boolean heldUp;
  private int nextPort = 9001;
  private long nextPid = 1;
  private long observed;

  private static final class Child {
    private final String target;
    private final ReplicaIntent intent;
    private final int port;
    private ReplicaState state;
    private Instant since;
    private long pid;
    private int launch;
    private int crashes;

    Child(String target, ReplicaIntent intent, int port, long pid, Instant since) {
      this.target = target;
      this.intent = intent;
      this.port = port;
      this.pid = pid;
      this.state = ReplicaState.STARTING;
      this.since = since;
    }

    URI endpoint() {
      return intent.endpoint().orElse(URI.create("http://127.0.0.1:" + port));
    }

    boolean ending() {
      return state == ReplicaState.STOPPING || state == ReplicaState.STOPPED;
    }

    int restarts() {
      return state == ReplicaState.FAILED ? 3 : crashes;
    }

    String reason(boolean loading) {
      return switch (state) {
        case FAILED -> "exit code 1, 3 times";
        case BACK_OFF -> "exit code 1";
        case UNREADY -> "CUDA out of memory";
        case STARTING -> loading ? "Loading model, 40%" : "";
        case PENDING, WARMING, READY, DRAINING, STOPPING, STOPPED -> "";
      };
    }
  }

  public FakeProvider(ManualClock clock, StopWatch stops) {
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
  public synchronized void crash(VersionRef version) {
    crashing.add(version);
  }

  /// Replicas of the version start as they should again.
  public void mend(VersionRef version) {
    synchronized (this) {
      crashing.remove(version);
    }
    set(version, ReplicaState.READY);
  }

  /// How often each replica's process was started.
  synchronized Map<ReplicaName, Integer> starts() {
    return Map.copyOf(starts);
  }

  /// Replicas of the version never become ready.
  public synchronized void loadForEver(VersionRef version) {
    loading.add(version);
  }

  /// Replicas of the version become ready after all.
  public synchronized void loaded(VersionRef version) {
    loading.remove(version);
  }

  /// Replicas of the version do not stop, whatever is done to them.
  synchronized void neverStop(VersionRef version) {
    stubborn.add(version);
  }

  public void set(VersionRef version, ReplicaState state) {
    synchronized (this) {
      processes.values().stream()
          .filter(p -> p.intent.name().version().equals(version))
          .forEach(p -> enter(p, state));
    }
    notifyListeners();
  }

  public void set(ReplicaName name, ReplicaState state) {
    synchronized (this) {
      Optional.ofNullable(processes.get(name)).ifPresent(p -> enter(p, state));
    }
    notifyListeners();
  }

  /// Ends the replica's process once; it starts again with the next ticks.
  void end(ReplicaName name) {
    synchronized (this) {
      Optional.ofNullable(processes.get(name))
          .ifPresent(process -> {
            process.crashes++;
            enter(process, ReplicaState.BACK_OFF);
          });
    }
    notifyListeners();
  }

  public synchronized List<ReplicaName> running() {
    return processes.values().stream()
        .filter(process -> process.state != ReplicaState.STOPPED)
        .map(process -> process.intent.name())
        .toList();
  }

  /// What time does to children.
  public void tick() {
    boolean changed = false;
    synchronized (this) {
      for (Child process : processes.values()) {
        ReplicaState before = process.state;
        age(process);
        changed |= process.state != before;
      }
    }
    if (changed) {
      notifyListeners();
    }
  }

  private void age(Child process) {
    VersionRef version = process.intent.name().version();
    switch (process.state) {
      case STOPPING -> {
        if (!stubborn.contains(version)) {
          enter(process, ReplicaState.STOPPED);
        }
      }
      case STOPPED, FAILED -> {}
      case PENDING, STARTING, WARMING, READY, UNREADY, DRAINING, BACK_OFF -> {
        if (crashing.contains(version)) {
          enter(process, ReplicaState.FAILED);
        } else if (process.state == ReplicaState.BACK_OFF && process.crashes > 0) {
          launchAgain(process);
        } else if (process.state == ReplicaState.STARTING && !loading.contains(version)) {
          enter(process, ReplicaState.READY);
        }
      }
    }
  }

  private void launchAgain(Child process) {
    process.launch++;
    process.pid = nextPid++;
    enter(process, ReplicaState.STARTING);
  }

  /// Listeners may observe from other threads, so this holds no lock.
  private void notifyListeners() {
    openProviders.forEach(Opened::notifyListeners);
  }

  /// What engines tell from now on; nothing else asks.
  synchronized void tell(ReplicaName name, ObservedEngine engine) {
    engines.put(name, engine);
  }

  private static String launch(Child process) {
    return process.intent.name() + "#" + process.launch;
  }

  /// How often the replica was started again.
  public synchronized int restarts(ReplicaName name) {
    return Optional.ofNullable(processes.get(name)).map(p -> p.launch).orElse(0);
  }

  private void enter(Child process, ReplicaState state) {
    process.state = state;
    process.since = clock.instant();
  }

  @Override
  public synchronized Provider open(Target target) {
    Opened opened = new Opened(target.metadata().name());
    boolean _ = openProviders.add(opened);
    processes
        .values()
        .removeIf(p -> p.target.equals(opened.target) && p.state == ReplicaState.STOPPED);
    if (findsAll) {
      processes.values().stream()
          .filter(process -> process.target.equals(opened.target))
          .forEach(process -> opened.known.put(process.intent.name(), true));
    }
    return opened;
  }

  @Override
  public synchronized Set<String> leftovers() {
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
      boolean changed;
      synchronized (FakeProvider.this) {
        changed = wanted(intent);
      }
      if (changed) {
        FakeProvider.this.notifyListeners();
      }
    }

    /// @return whether the replica is new to this provider
    private boolean wanted(ReplicaIntent intent) {
      ReplicaName name = intent.name();
      boolean adopted = known.put(name, true) == null;
      Child present = processes.get(name);
      if (present != null && present.state != ReplicaState.STOPPED) {
        return adopted;
      }
      starts.merge(name, 1, Integer::sum);
      processes.put(name, new Child(target, intent, nextPort++, nextPid++, clock.instant()));
      return true;
    }

    @Override
    public void stop(ReplicaName name, Duration grace) {
      process(name)
          .filter(process -> process.state != ReplicaState.STOPPED)
          .ifPresent(process -> {
            stops.stopping(name);
            synchronized (FakeProvider.this) {
              enter(process, ReplicaState.STOPPING);
            }
            FakeProvider.this.notifyListeners();
          });
    }

    @Override
    public void restart(ReplicaName name, String launch) {
      process(name)
          .filter(process -> launch(process).equals(launch) && !process.ending())
          .ifPresent(process -> {
            stops.stopping(name);
            synchronized (FakeProvider.this) {
              launchAgain(process);
            }
            FakeProvider.this.notifyListeners();
          });
    }

    private Optional<Child> process(ReplicaName name) {
      synchronized (FakeProvider.this) {
        return Optional.ofNullable(processes.get(name));
      }
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

    /// What is stopped is reported this once.
    private List<ObservedReplica> seen() {
      List<ObservedReplica> seen = new ArrayList<>();
      for (Child process : List.copyOf(processes.values())) {
        ReplicaName name = process.intent.name();
        if (known.containsKey(name)) {
          seen.add(observed(process));
          if (process.state == ReplicaState.STOPPED) {
            boolean _ = processes.remove(name, process);
            Boolean _ = known.remove(name);
          }
        }
      }
      return seen;
    }

    private ObservedReplica observed(Child process) {
      return new ObservedReplica(
          process.intent.name(),
          process.intent.specHash(),
          process.state,
          Optional.of(process.endpoint()),
          Optional.of(process.pid),
          process.restarts(),
          launch(process),
          process.since,
          process.reason(loading.contains(process.intent.name().version())));
    }

    @Override
    public void onChange(Runnable listener) {
      listeners.add(listener);
    }

    void notifyListeners() {
      listeners.forEach(Runnable::run);
    }

    /// Waits, as real providers do, for its own threads, which may be notifying listeners.
    @Override
    public void close() {
      boolean _ = openProviders.remove(this);
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
