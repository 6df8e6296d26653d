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

/// Looks the host names of placements up, again and again, and keeps the last good answers, in the
/// store too: a resolver that fails, or that forgot a name, must not empty a fleet that serves, not
/// even when Weir starts just then.
///
/// A name is asked for every ten seconds, one that fails ever more seldom, up to a minute.
public final class DnsCache {
  private static final Logger LOG = LoggerFactory.getLogger(DnsCache.class);
  private static final String COLLECTION = "addresses";

  static final Duration EVERY = Duration.ofSeconds(10);
  static final Duration SELDOM = Duration.ofMinutes(1);
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

  /// One name's state.
  private static final class CachedName {
    private List<String> addresses = List.of();
    private Optional<String> trouble = Optional.empty();
    private int failures;
    private boolean asking;
    private long nextNanos;

    private CachedName(long nowNanos) {
      this.nextNanos = nowNanos;
    }
  }

  /// What is kept.
  record Kept(List<String> addresses) {}

  /// @param threads run look-ups, which block; how many there are bounds the load on the resolver
  /// @param nanos monotonic
  /// @param changed called, quick and from any thread, when a name leads elsewhere
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
    for (ObservationStore.StoredObservation<Kept> storedObservation :
        observationStore.list(COLLECTION, "", Kept.class)) {
      CachedName cachedName = new CachedName(nanos.getAsLong());
      cachedName.addresses = List.copyOf(storedObservation.value().addresses());
      cachedNames.put(storedObservation.key(), cachedName);
    }
    publish();
  }

  public ResolvedNames current() {
    return current;
  }

  /// Asks for what is due of these names, and forgets all others.
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
    List<String> gone =
        cachedNames.keySet().stream().filter(host -> !wanted.contains(host)).toList();
    if (!gone.isEmpty()) {
      gone.forEach(cachedNames::remove);
      observationStore.delete(COLLECTION, gone);
      publish();
    }
  }

  private boolean due(String host) {
    long now = nanos.getAsLong();
    CachedName cachedName = cachedNames.computeIfAbsent(host, _ -> new CachedName(now));
    if (cachedName.asking || now - cachedName.nextNanos < 0) {
      return false;
    }
    cachedName.asking = true;
    return true;
  }

  private void lookUp(String host) {
    List<InetAddress> heard;
    try {
      heard = resolver.lookUp(host);
    } catch (UnknownHostException | RuntimeException e) {
      heard = List.of();
    }
    List<String> addresses = usable(heard);
    lock.lock();
    try {
      CachedName cachedName = cachedNames.get(host);
      if (cachedName == null || !note(host, cachedName, addresses)) {
        return;
      }
      publish();
    } finally {
      lock.unlock();
    }
    changed.run();
  }

  /// @return whether anything is different
  private boolean note(String host, CachedName cachedName, List<String> heard) {
    cachedName.asking = false;
    cachedName.failures = heard.isEmpty() ? cachedName.failures + 1 : 0;
    cachedName.nextNanos = nanos.getAsLong() + pause(cachedName.failures).toNanos();
    List<String> before = cachedName.addresses;
    Optional<String> troubleBefore = cachedName.trouble;
    cachedName.trouble = trouble(host, cachedName, heard);
    if (!heard.isEmpty()) {
      cachedName.addresses = heard.stream().limit(MOST_ADDRESSES).toList();
    }
    if (!cachedName.trouble.equals(troubleBefore)) {
      cachedName.trouble.ifPresentOrElse(
          what -> LOG.warn("event=name.trouble host={} message=\"{}\"", host, what),
          () -> LOG.info("event=name.well host={}", host));
    }
    if (cachedName.addresses.equals(before)) {
      return !cachedName.trouble.equals(troubleBefore);
    }
    LOG.info("event=name.moved host={} from={} to={}", host, before, cachedName.addresses);
    observationStore.put(COLLECTION, host, new Kept(cachedName.addresses));
    return true;
  }

  private static Optional<String> trouble(String host, CachedName cachedName, List<String> heard) {
    if (heard.size() > MOST_ADDRESSES) {
      return Optional.of(
          host + " has more than " + MOST_ADDRESSES + " addresses, only so many are used");
    }
    if (!heard.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        cachedName.addresses.isEmpty()
            ? host + " cannot be looked up: no address is known"
            : host + " cannot be looked up: its last addresses stay");
  }

  private static Duration pause(int failures) {
    Duration wait = EVERY.multipliedBy(1L << Math.min(Math.max(0, failures - 1), 10));
    return wait.compareTo(SELDOM) < 0 ? wait : SELDOM;
  }

  /// In order of their figures. Of a name with addresses of both families the IPv4 ones: a server
  /// that has one of each is one replica, not two.
  private static List<String> usable(List<InetAddress> heard) {
    boolean four = heard.stream().anyMatch(Inet4Address.class::isInstance);
    return heard.stream()
        .filter(address -> !four || address instanceof Inet4Address)
        .sorted(Comparator.comparing(InetAddress::getAddress, Arrays::compareUnsigned))
        .map(DnsCache::figures)
        .distinct()
        .limit(MOST_ADDRESSES + 1L)
        .toList();
  }

  private static String figures(InetAddress address) {
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
