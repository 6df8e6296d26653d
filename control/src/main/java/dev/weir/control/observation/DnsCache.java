// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.runtime.NameResolver;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Resolves the host names of placements periodically, and keeps the last valid result of each,
/// also in the store. A resolver that fails or has lost a name must not remove serving replicas,
/// even if Weir starts at that time.
///
/// A name is resolved every 10 s; after failures with backoff up to 1 min.
public final class DnsCache {
  private static final Logger LOG = LoggerFactory.getLogger(DnsCache.class);
  private static final String COLLECTION = "addresses";

  static final Duration INTERVAL = Duration.ofSeconds(10);
  static final Duration MAX_INTERVAL = Duration.ofMinutes(1);
  static final int MOST_NAMES = 256;
  static final int MOST_ADDRESSES = 64;

  private final ObservationStore observationStore;
  private final NameResolver resolver;
  private final Executor threads;
  private final LongSupplier nanos;
  private final Runnable changed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, CachedName> cachedNames = new TreeMap<>();
  private volatile ResolvedNames current = ResolvedNames.NONE;

  /// The state of one name.
  private static final class CachedName {
    private List<String> addresses = List.of();
    private Optional<String> trouble = Optional.empty();
    private int failures;
    private boolean resolving;
    private long nextNanos;

    private CachedName(long nowNanos) {
      this.nextNanos = nowNanos;
    }
  }

  /// The stored value.
  record StoredAddresses(List<String> addresses) {}

  /// @param threads run look-ups, which block; their number limits the load on the resolver
  /// @param nanos monotonic
  /// @param changed called from any thread when the addresses of a name change; must return quickly
  public DnsCache(
      ObservationStore observationStore,
      NameResolver resolver,
      Executor threads,
      LongSupplier nanos,
      Runnable changed) {
    this.observationStore = observationStore;
    this.resolver = resolver;
    this.threads = threads;
    this.nanos = nanos;
    this.changed = changed;
    for (ObservationStore.StoredObservation<StoredAddresses> storedObservation :
        observationStore.list(COLLECTION, "", StoredAddresses.class)) {
      CachedName cachedName = new CachedName(nanos.getAsLong());
      cachedName.addresses = List.copyOf(storedObservation.value().addresses());
      cachedNames.put(storedObservation.key(), cachedName);
    }
    publish();
  }

  public ResolvedNames current() {
    return current;
  }

  /// Resolves those of these names that are due, and removes all others.
  public void follow(Set<String> hosts) {
    List<String> wanted =
        hosts.stream()
            .map(host -> host.toLowerCase(Locale.ROOT))
            .distinct()
            .sorted()
            .limit(MOST_NAMES)
            .toList();
    List<String> due;
    lock.lock();
    try {
      forgetOthers(Set.copyOf(wanted));
      due = wanted.stream().filter(this::due).toList();
    } finally {
      lock.unlock();
    }
    due.forEach(host -> threads.execute(() -> lookUp(host)));
  }

  private void forgetOthers(Set<String> wanted) {
    List<String> removed =
        cachedNames.keySet().stream().filter(host -> !wanted.contains(host)).toList();
    if (!removed.isEmpty()) {
      removed.forEach(cachedNames::remove);
      observationStore.delete(COLLECTION, removed);
      publish();
    }
  }

  private boolean due(String host) {
    long now = nanos.getAsLong();
    CachedName cachedName = cachedNames.computeIfAbsent(host, _ -> new CachedName(now));
    if (cachedName.resolving || now - cachedName.nextNanos < 0) {
      return false;
    }
    cachedName.resolving = true;
    return true;
  }

  private void lookUp(String host) {
    List<InetAddress> resolved;
    try {
      resolved = resolver.lookUp(host);
    } catch (UnknownHostException | RuntimeException e) {
      resolved = List.of();
    }
    List<String> addresses = usable(resolved);
    lock.lock();
    try {
      CachedName cachedName = cachedNames.get(host);
      if (cachedName == null || !update(host, cachedName, addresses)) {
        return;
      }
      publish();
    } finally {
      lock.unlock();
    }
    changed.run();
  }

  /// @return whether the addresses or the problem changed
  private boolean update(String host, CachedName cachedName, List<String> resolved) {
    cachedName.resolving = false;
    cachedName.failures = resolved.isEmpty() ? cachedName.failures + 1 : 0;
    cachedName.nextNanos = nanos.getAsLong() + pause(cachedName.failures).toNanos();
    List<String> before = cachedName.addresses;
    Optional<String> troubleBefore = cachedName.trouble;
    cachedName.trouble = trouble(host, cachedName, resolved);
    if (!resolved.isEmpty()) {
      cachedName.addresses = resolved.stream().limit(MOST_ADDRESSES).toList();
    }
    if (!cachedName.trouble.equals(troubleBefore)) {
      cachedName.trouble.ifPresentOrElse(
          what ->
              LOG.atWarn()
                  .addKeyValue("event", "name.trouble")
                  .addKeyValue("host", host)
                  .addKeyValue("reason", what)
                  .log("A DNS name cannot be resolved"),
          () ->
              LOG.atInfo()
                  .addKeyValue("event", "name.well")
                  .addKeyValue("host", host)
                  .log("A DNS name can be resolved again"));
    }
    if (cachedName.addresses.equals(before)) {
      return !cachedName.trouble.equals(troubleBefore);
    }
    LOG.atInfo()
        .addKeyValue("event", "name.moved")
        .addKeyValue("host", host)
        .addKeyValue("from", before)
        .addKeyValue("to", cachedName.addresses)
        .log("The addresses of a DNS name changed");
    observationStore.put(COLLECTION, host, new StoredAddresses(cachedName.addresses));
    return true;
  }

  private static Optional<String> trouble(
      String host, CachedName cachedName, List<String> resolved) {
    if (resolved.size() > MOST_ADDRESSES) {
      return Optional.of(
          host + " has more than " + MOST_ADDRESSES + " addresses; Weir uses only that many");
    }
    if (!resolved.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        cachedName.addresses.isEmpty()
            ? host + " cannot be looked up: no address is known"
            : host + " cannot be looked up: its last addresses stay");
  }

  private static Duration pause(int failures) {
    Duration wait = INTERVAL.multipliedBy(1L << Math.min(Math.max(0, failures - 1), 10));
    return wait.compareTo(MAX_INTERVAL) < 0 ? wait : MAX_INTERVAL;
  }

  /// The addresses in numeric order. If a name has addresses of both families, only IPv4: a server
  /// with one of each is one replica, not two.
  private static List<String> usable(List<InetAddress> resolved) {
    boolean hasIpv4 = resolved.stream().anyMatch(Inet4Address.class::isInstance);
    return resolved.stream()
        .filter(address -> !hasIpv4 || address instanceof Inet4Address)
        .sorted(Comparator.comparing(InetAddress::getAddress, Arrays::compareUnsigned))
        .map(DnsCache::numeric)
        .distinct()
        .limit(MOST_ADDRESSES + 1L)
        .toList();
  }

  private static String numeric(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }

  private void publish() {
    current =
        new ResolvedNames(
            cachedNames.entrySet().stream()
                .filter(entry ->
                    !entry.getValue().addresses.isEmpty() || entry.getValue().trouble.isPresent())
                .collect(
                    Collectors.toMap(
                        Map.Entry::getKey,
                        entry ->
                            new ResolvedNames.Found(
                                entry.getValue().addresses, entry.getValue().trouble))));
  }
}
