// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.AlertChannel;
import dev.weir.model.ApiKey;
import dev.weir.model.ModelVersion;
import dev.weir.model.Policy;
import dev.weir.model.Principal;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Rollout;
import dev.weir.model.Route;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.RolloutSpec.Loan;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.snapshot.StoreHead;
import dev.weir.store.AuditHead;
import dev.weir.store.CompactedException;
import dev.weir.store.Store;
import dev.weir.store.StoreEvent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// All resources that the control plane reads, at one revision or slightly later.
///
/// Decisions from it are stored with the expected revision, so an outdated snapshot can delay a
/// decision but never make it wrong.
///
/// @param revision the snapshot contains every change up to it
/// @param store identity of the store, and the head of its audit log at that time
/// @param names the addresses of host names in placements at that time
/// @param loans replicas lent to releases of other Services, each from start to end of its release;
///   derived from the live releases, so nothing has to be returned
public record ResourceSnapshot(
    long revision,
    StoreHead store,
    Map<ResourceRef, Service> services,
    Map<ResourceRef, Rollout> rollouts,
    Map<ResourceRef, ModelVersion> versions,
    Map<ResourceRef, Target> targets,
    Map<ResourceRef, Route> routes,
    Map<ResourceRef, Principal> principals,
    Map<ResourceRef, RoleBinding> bindings,
    Map<ResourceRef, ApiKey> keys,
    Map<ResourceRef, AlertChannel> channels,
    Map<ResourceRef, Policy> policies,
    ResolvedNames names,
    List<Loan> loans) {

  public ResourceSnapshot(
      long revision,
      StoreHead store,
      Map<ResourceRef, Service> services,
      Map<ResourceRef, Rollout> rollouts,
      Map<ResourceRef, ModelVersion> versions,
      Map<ResourceRef, Target> targets,
      Map<ResourceRef, Route> routes,
      Map<ResourceRef, Principal> principals,
      Map<ResourceRef, RoleBinding> bindings,
      Map<ResourceRef, ApiKey> keys,
      Map<ResourceRef, AlertChannel> channels,
      Map<ResourceRef, Policy> policies,
      ResolvedNames names) {
    this(
        revision,
        store,
        services,
        rollouts,
        versions,
        targets,
        routes,
        principals,
        bindings,
        keys,
        channels,
        policies,
        names,
        loans(services, rollouts));
  }

  private static List<Loan> loans(
      Map<ResourceRef, Service> services, Map<ResourceRef, Rollout> rollouts) {
    return services.values().stream()
        .flatMap(service -> live(service, rollouts).stream())
        .filter(rollout -> rollout.status().phase() != RolloutPhase.PENDING)
        .flatMap(rollout -> rollout.spec().scale().loans().stream())
        .toList();
  }

  public static ResourceSnapshot read(Store store, ResolvedNames names) {
    long revision = store.revision();
    return new ResourceSnapshot(
        revision,
        head(store),
        all(store, Kind.SERVICE, Service.class),
        all(store, Kind.ROLLOUT, Rollout.class),
        all(store, Kind.MODEL_VERSION, ModelVersion.class),
        all(store, Kind.TARGET, Target.class),
        all(store, Kind.ROUTE, Route.class),
        all(store, Kind.PRINCIPAL, Principal.class),
        all(store, Kind.ROLE_BINDING, RoleBinding.class),
        all(store, Kind.API_KEY, ApiKey.class),
        all(store, Kind.ALERT_CHANNEL, AlertChannel.class),
        all(store, Kind.POLICY, Policy.class),
        names);
  }

  /// The identity of the store and the head of its audit log, as in routing snapshots.
  public static StoreHead head(Store store) {
    AuditHead head = store.auditHead();
    return new StoreHead(store.identity(), head.sequence(), head.hash());
  }

  /// This snapshot with some resources added or replaced, as if they were stored.
  public ResourceSnapshot with(List<? extends Resource> puts) {
    List<StoreEvent> events =
        puts.stream().map(resource -> new StoreEvent(revision, false, resource)).toList();
    return after(events, revision, store, names);
  }

  /// This snapshot after later events. A kind without events keeps its map.
  private ResourceSnapshot after(
      List<StoreEvent> events, long newest, StoreHead head, ResolvedNames resolved) {
    return new ResourceSnapshot(
        newest,
        head,
        after(services, events, Service.class),
        after(rollouts, events, Rollout.class),
        after(versions, events, ModelVersion.class),
        after(targets, events, Target.class),
        after(routes, events, Route.class),
        after(principals, events, Principal.class),
        after(bindings, events, RoleBinding.class),
        after(keys, events, ApiKey.class),
        after(channels, events, AlertChannel.class),
        after(policies, events, Policy.class),
        resolved);
  }

  private static <T extends Resource> Map<ResourceRef, T> after(
      Map<ResourceRef, T> before, List<StoreEvent> events, Class<T> type) {
    List<StoreEvent> own =
        events.stream().filter(event -> type.isInstance(event.resource())).toList();
    if (own.isEmpty()) {
      return before;
    }
    Map<ResourceRef, T> after = new TreeMap<>(before);
    for (StoreEvent event : own) {
      if (event.deleted()) {
        after.remove(event.resource().ref());
      } else {
        after.put(event.resource().ref(), type.cast(event.resource()));
      }
    }
    return after;
  }

  public Optional<Service> service(String namespace, String name) {
    return Optional.ofNullable(services.get(ResourceRef.of(Kind.SERVICE, namespace, name)));
  }

  public Optional<Rollout> rollout(String namespace, String name) {
    return Optional.ofNullable(rollouts.get(ResourceRef.of(Kind.ROLLOUT, namespace, name)));
  }

  public Optional<ModelVersion> version(String namespace, VersionRef version) {
    return Optional.ofNullable(
        versions.get(ResourceRef.of(Kind.MODEL_VERSION, namespace, version.resourceName())));
  }

  public Optional<Target> target(String name) {
    return Optional.ofNullable(targets.get(ResourceRef.of(Kind.TARGET, "", name)));
  }

  /// The Rollout that the Service points at, unless it has ended.
  public Optional<Rollout> liveRollout(Service service) {
    return live(service, rollouts);
  }

  private static Optional<Rollout> live(Service service, Map<ResourceRef, Rollout> rollouts) {
    String namespace = service.metadata().namespace();
    return service
        .status()
        .rollout()
        .map(name -> rollouts.get(ResourceRef.of(Kind.ROLLOUT, namespace, name)))
        .filter(rollout -> !rollout.status().phase().terminal());
  }

  private static <T extends Resource> Map<ResourceRef, T> all(
      Store store, Kind kind, Class<T> type) {
    Map<ResourceRef, T> found = new TreeMap<>();
    Collection<Resource> listed = store.list(kind, "");
    listed.forEach(resource -> found.put(resource.ref(), type.cast(resource)));
    return found;
  }

  /// Caches the snapshot. Reads later events only if the revision of the store or the address of a
  /// name has changed.
  public static final class Reader {
    /// Beyond this number of events, a full read is not more expensive.
    private static final int MAX_EVENTS = 500;

    private final Store store;
    private final Supplier<ResolvedNames> names;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ResourceSnapshot last;

    public Reader(Store store, Supplier<ResolvedNames> names) {
      this.store = store;
      this.names = names;
    }

    public ResourceSnapshot current() {
      lock.lock();
      try {
        ResourceSnapshot known = last;
        ResolvedNames resolved = names.get();
        if (known == null
            || known.revision() != store.revision()
            || !known.names().equals(resolved)) {
          known = known == null ? ResourceSnapshot.read(store, resolved) : newer(known, resolved);
          last = known;
        }
        return known;
      } finally {
        lock.unlock();
      }
    }

    private ResourceSnapshot newer(ResourceSnapshot known, ResolvedNames resolved) {
      long newest = store.revision();
      try {
        List<StoreEvent> events = store.changes(known.revision(), Set.of(), MAX_EVENTS);
        if (events.size() < MAX_EVENTS) {
          long last = events.isEmpty() ? newest : events.getLast().revision();
          return known.after(events, Math.max(newest, last), head(store), resolved);
        }
      } catch (CompactedException e) {
        // The events after the known revision are compacted: read everything.
      }
      return ResourceSnapshot.read(store, resolved);
    }
  }
}
