// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.gateway.exchange.StoreWitness;
import dev.weir.snapshot.StoreHead;
import dev.weir.snapshot.TelemetryAck;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The store whose snapshots this gateway takes, and the newest head of its audit log that the
/// gateway witnesses.
///
/// The first store that is named is trusted. From then on the snapshots of any other store are
/// refused until an operator adopts it: a control plane that lost its store must not empty the
/// fleet. The witnessed head moves on only to the head of a log that holds it, so that a log that
/// was cut off or rewritten stays contradicted.
public final class FollowedStore implements StoreWitness {
  private static final Logger LOG = LoggerFactory.getLogger(FollowedStore.class);

  private final List<Consumer<StoreHead>> listeners = new CopyOnWriteArrayList<>();
  private volatile State state = new State(StoreHead.UNKNOWN, "", Optional.empty());

  /// @param witness the store that is followed, and the head of its log
  /// @param refused identity of another store whose snapshots are refused; empty for none
  /// @param logContradicted the head that the control plane's log does not hold
  private record State(StoreHead witness, String refused, Optional<StoreHead> logContradicted) {}

  /// Calls back with what is to be kept, after each change of it. Callbacks are quick and do not
  /// throw.
  public void onChange(Consumer<StoreHead> listener) {
    listeners.add(listener);
  }

  @Override
  public StoreHead witness() {
    return state.witness();
  }

  @Override
  public String refused() {
    return state.refused();
  }

  @Override
  public List<String> problems() {
    State now = state;
    return now.logContradicted().map(FollowedStore::contradiction).stream().toList();
  }

  private static String contradiction(StoreHead held) {
    return "the audit log does not hold entry %d with hash %s, which this gateway was sent; see `weir audit verify`"
        .formatted(held.auditSequence(), held.auditHead());
  }

  /// What was kept by an earlier run, unless a store is known already.
  synchronized void restore(StoreHead kept) {
    if (!state.witness().named()) {
      state = new State(kept, "", Optional.empty());
    }
  }

  /// The next store that is named is trusted, whichever was followed before.
  public synchronized void adoptNext() {
    LOG.warn(
        "event=store.adopt.next followed={} effect=\"the next store that a snapshot names is trusted\"",
        state.witness().id());
    change(new State(StoreHead.UNKNOWN, "", Optional.empty()));
  }

  /// Whether a snapshot of this store is taken. The first store is followed from now on.
  synchronized boolean takes(StoreHead offered) {
    State now = state;
    if (now.witness().contradicts(offered)) {
      refuse(offered.id());
      return false;
    }
    if (!now.witness().named() && offered.named()) {
      LOG.info("event=store.followed store={}", offered.id());
      change(new State(offered, "", Optional.empty()));
    } else if (offered.named() && !now.refused().isEmpty()) {
      LOG.info("event=store.refused.over store={}", offered.id());
      state = new State(now.witness(), "", now.logContradicted());
    }
    return true;
  }

  @Override
  public synchronized boolean answered(StoreHead reported, TelemetryAck ack) {
    if (!takes(ack.store())) {
      return false;
    }
    State now = state;
    if (!ack.store().named() || !reported.equals(now.witness())) {
      return true;
    }
    if (!ack.holdsWitness()) {
      contradicted(now);
    } else if (!ack.store().equals(now.witness()) || now.logContradicted().isPresent()) {
      change(new State(ack.store(), now.refused(), Optional.empty()));
    }
    return true;
  }

  private void contradicted(State now) {
    if (now.logContradicted().isEmpty()) {
      LOG.error("event=audit.contradicted what=\"{}\"", contradiction(now.witness()));
    }
    state = new State(now.witness(), now.refused(), Optional.of(now.witness()));
  }

  private void refuse(String other) {
    State now = state;
    if (!now.refused().equals(other)) {
      LOG.error(
          "event=snapshot.other.store store={} followed={} effect=\"refused; the snapshot before"
              + " stays\" todo=\"bring the followed store back, or restart this gateway with"
              + " --adopt-store if the other one is meant\"",
          other,
          now.witness().id());
      state = new State(now.witness(), other, now.logContradicted());
    }
  }

  private void change(State next) {
    boolean news = !next.witness().equals(state.witness());
    state = next;
    if (news) {
      listeners.forEach(listener -> listener.accept(next.witness()));
    }
  }
}
