// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.Target;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Metadata;
import dev.weir.runtime.ObservedEngine;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ProviderFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One open provider for each Target, and all replicas that the providers observe.
///
/// A Target with a changed spec is reopened, unless its provider supports the new spec. Closing a
/// provider does not affect replicas, and the next provider adopts them. A deleted Target keeps its
/// provider while it has replicas, also after a restart: otherwise these replicas would never stop.
public final class Fleet implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);

  private final Map<ProviderType, ProviderFactory> factories;
  private final Runnable onChange;
  private final UnaryOperator<List<TargetReplica>> lens;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Open> open = new TreeMap<>();
  private final Map<String, String> refusals = new TreeMap<>();
  private boolean deletedTargetsOpened;

  /// Counts possible changes of the fleet. An observation is valid while its count is the newest.
  private final AtomicLong changes = new AtomicLong();

  private volatile Observation observed = new Observation(-1, ObservedFleet.EMPTY);

  private record Observation(long change, ObservedFleet fleet) {}

  /// The maximum number of concurrent calls to one provider. A blocked provider blocks only this
  /// many threads; further callers retry at the next tick.
  private static final int CALLS_PER_TARGET = 4;

  private record Open(TargetSpec spec, Provider provider, Semaphore calls) {}

  /// @param onChange called from any thread when a replica changed; must return quickly
  /// @param lens applies injected faults to the observed replicas
  public Fleet(
      Map<ProviderType, ProviderFactory> factories,
      Runnable onChange,
      UnaryOperator<List<TargetReplica>> lens) {
    this.factories = Map.copyOf(factories);
    this.onChange =
        () -> {
          refresh();
          onChange.run();
        };
    this.lens = lens;
  }

  /// Opens and closes providers so that they match the Targets.
  ///
  /// @return whether the provider of an existing Target was reopened
  public boolean follow(Collection<Target> targets) {
    lock.lock();
    try {
      boolean reopened = false;
      Set<String> names = new HashSet<>();
      for (Target target : targets) {
        String name = target.metadata().name();
        names.add(name);
        Open known = open.get(name);
        if (known == null || !known.spec().equals(target.spec())) {
          reopened |= reopen(name, target, known);
        }
      }
      openDeletedTargets(names);
      closeUnused(names);
      return reopened;
    } finally {
      lock.unlock();
    }
  }

  /// Calls the provider of a Target. Does nothing if there is no provider or it is busy.
  public void call(String target, Consumer<Provider> request) {
    Optional<Open> opened = opened(target);
    if (opened.isEmpty()) {
      return;
    }
    Semaphore calls = opened.get().calls();
    if (!calls.tryAcquire()) {
      LOG.atWarn()
          .addKeyValue("event", "provider.busy")
          .addKeyValue("target", target)
          .addKeyValue("calls", CALLS_PER_TARGET)
          .log("A provider has too many calls in flight; this call is dropped");
      return;
    }
    try {
      request.accept(opened.get().provider());
    } finally {
      calls.release();
      refresh();
    }
  }

  private Optional<Open> opened(String target) {
    lock.lock();
    try {
      return Optional.ofNullable(open.get(target));
    } finally {
      lock.unlock();
    }
  }

  public Optional<Provider> provider(String target) {
    return opened(target).map(Open::provider);
  }

  /// The provider type of a Target with an open provider.
  public Optional<ProviderType> type(String target) {
    return opened(target).map(opened -> opened.spec().provider());
  }

  /// The reason why a Target has no provider.
  public Optional<String> refusal(String target) {
    lock.lock();
    try {
      return Optional.ofNullable(refusals.get(target));
    } finally {
      lock.unlock();
    }
  }

  /// All replicas of all providers. A provider that fails is omitted and logged. The result is
  /// cached until a provider reports a change or is called, or until [#refresh].
  public ObservedFleet observe() {
    Observation known = observed;
    return known.change() == changes.get() ? known.fleet() : observeNow();
  }

  /// Invalidates the last observation: the next one calls the providers again. Called at each tick,
  /// so that a change that a provider does not report is observed one tick later.
  public void refresh() {
    long _ = changes.incrementAndGet();
  }

  // The count is read first: a change during the calls invalidates the result.
  private ObservedFleet observeNow() {
    long change = changes.get();
    List<TargetReplica> targetReplicas = new ArrayList<>();
    providers().forEach((target, provider) -> observe(target, provider, targetReplicas));
    ObservedFleet now = ObservedFleet.of(lens.apply(targetReplicas));
    observed = new Observation(change, now);
    return now;
  }

  /// The last report of the engine of a ready replica.
  public Optional<ObservedEngine> engine(TargetReplica replica) {
    return provider(replica.target()).flatMap(provider -> provider.engine(replica.name()));
  }

  /// Closes all providers; replicas keep running.
  @Override
  public void close() {
    providers().forEach(Fleet::closeQuietly);
    lock.lock();
    try {
      open.clear();
    } finally {
      lock.unlock();
    }
  }

  private Map<String, Provider> providers() {
    lock.lock();
    try {
      Map<String, Provider> copy = new TreeMap<>();
      open.forEach((target, opened) -> copy.put(target, opened.provider()));
      return copy;
    } finally {
      lock.unlock();
    }
  }

  /// @return whether a provider was closed
  private boolean reopen(String name, Target target, @Nullable Open known) {
    refresh();
    // A change of location, capacity or price must not interrupt the observation of replicas.
    boolean sameAccess = known != null && known.spec().settings().equals(target.spec().settings());
    if (known != null && (sameAccess || known.provider().follow(target))) {
      open.put(name, new Open(target.spec(), known.provider(), known.calls()));
      return false;
    }
    if (known != null) {
      closeQuietly(name, known.provider());
      open.remove(name);
    }
    try {
      ProviderFactory factory = factories.get(target.spec().provider());
      if (factory == null) {
        throw new IllegalArgumentException(
            "this control plane has no provider of type " + target.spec().provider().text());
      }
      Provider provider = factory.open(target);
      provider.onChange(this.onChange);
      open.put(name, new Open(target.spec(), provider, new Semaphore(CALLS_PER_TARGET)));
      refusals.remove(name);
    } catch (IllegalArgumentException e) {
      if (!String.valueOf(e.getMessage())
          .equals(refusals.put(name, String.valueOf(e.getMessage())))) {
        LOG.atWarn()
            .addKeyValue("event", "target.refused")
            .addKeyValue("target", name)
            .addKeyValue("error", e.getMessage())
            .log("A Target cannot be used");
      }
    }
    return known != null;
  }

  /// Opens, once per process, the deleted Targets that still have replicas from an earlier process.
  /// For Targets deleted later, the providers are still open.
  private void openDeletedTargets(Set<String> names) {
    if (deletedTargetsOpened) {
      return;
    }
    factories.forEach((type, factory) ->
        factory.leftovers().stream()
            .filter(name -> !names.contains(name))
            .forEach(name -> {
              LOG.atWarn()
                  .addKeyValue("event", "target.deleted")
                  .addKeyValue("target", name)
                  .log("A deleted Target still has replicas");
              boolean _ = reopen(name, deleted(name, type), null);
            }));
    deletedTargetsOpened = true;
  }

  /// Allows no command: remaining replicas may continue, but none may start.
  private static Target deleted(String name, ProviderType type) {
    TargetSpec spec =
        new TargetSpec(
            type, Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), List.of());
    return new Target(Metadata.of("", name), spec, new NoStatus());
  }

  private void closeUnused(Set<String> names) {
    open.entrySet()
        .removeIf(entry -> {
          boolean unused =
              !names.contains(entry.getKey()) && entry.getValue().provider().observe().isEmpty();
          if (unused) {
            closeQuietly(entry.getKey(), entry.getValue().provider());
            refresh();
          }
          return unused;
        });
    refusals.keySet().retainAll(names);
  }

  private static void observe(String target, Provider provider, List<TargetReplica> into) {
    try {
      provider.observe().forEach(replica -> into.add(new TargetReplica(target, replica)));
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("event", "provider.failed")
          .addKeyValue("target", target)
          .addKeyValue("error", e.toString())
          .log("A provider cannot list its replicas");
    }
  }

  private static void closeQuietly(String target, Provider provider) {
    try {
      provider.close();
    } catch (Exception e) {
      LOG.atWarn()
          .addKeyValue("event", "provider.close.failed")
          .addKeyValue("target", target)
          .addKeyValue("error", e.toString())
          .log("A provider did not close");
    }
  }
}
