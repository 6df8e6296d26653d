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

/// The store whose snapshots this gateway accepts, and the newest head of its audit log that the
/// gateway witnessed.
///
/// The first store in a snapshot is trusted. Afterwards snapshots of any other store are rejected
/// until an operator adopts it: a control plane that lost its store must not empty the fleet. The
/// witnessed head advances only to the head of a log that contains it, so that a truncated or
/// rewritten log remains contradicted.
public final class FollowedStore implements StoreWitness {
  private static final Logger LOG = LoggerFactory.getLogger(FollowedStore.class);

  private final List<Consumer<StoreHead>> listeners = new CopyOnWriteArrayList<>();
  private volatile State state = new State(StoreHead.UNKNOWN, "", Optional.empty());

  /// @param witness the followed store, and the head of its log
  /// @param refused identity of another store whose snapshots are rejected; empty for none
  /// @param logContradicted the head that the control plane's log does not contain
  private record State(StoreHead witness, String refused, Optional<StoreHead> logContradicted) {}

  /// Registers a listener for changes of the witness to store. Listeners must be quick and not
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
    return "the audit log does not contain entry %d with hash %s, which this gateway received; see `weir audit verify`"
        .formatted(held.auditSequence(), held.auditHead());
  }

  /// Restores the witness of an earlier run, unless a store is already known.
  synchronized void restore(StoreHead kept) {
    if (!state.witness().hasId()) {
      state = new State(kept, "", Optional.empty());
    }
  }

  /// Trusts the next store in a snapshot, whichever was followed before.
  public synchronized void adoptNext() {
    LOG.atWarn()
        .addKeyValue("event", "store.adopt.next")
        .addKeyValue("followed", state.witness().id())
        .log("The gateway trusts the store of the next snapshot");
    change(new State(StoreHead.UNKNOWN, "", Optional.empty()));
  }

  /// Whether snapshots of this store are accepted. The first store is followed from now on.
  synchronized boolean accepts(StoreHead offered) {
    State now = state;
    if (now.witness().contradicts(offered)) {
      refuse(offered.id());
      return false;
    }
    if (!now.witness().hasId() && offered.hasId()) {
      LOG.atInfo()
          .addKeyValue("event", "store.followed")
          .addKeyValue("store", offered.id())
          .log("The gateway follows a store");
      change(new State(offered, "", Optional.empty()));
    } else if (offered.hasId() && !now.refused().isEmpty()) {
      LOG.atInfo()
          .addKeyValue("event", "store.refused.over")
          .addKeyValue("store", offered.id())
          .log("The gateway receives snapshots of the followed store again");
      state = new State(now.witness(), "", now.logContradicted());
    }
    return true;
  }

  @Override
  public synchronized boolean answered(StoreHead reported, TelemetryAck ack) {
    if (!accepts(ack.store())) {
      return false;
    }
    State now = state;
    if (!ack.store().hasId() || !reported.equals(now.witness())) {
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
      LOG.atError()
          .addKeyValue("event", "audit.contradicted")
          .addKeyValue("detail", contradiction(now.witness()))
          .log(
              "The audit log lacks an entry that this gateway received; run 'weir audit "
                  + "verify'");
    }
    state = new State(now.witness(), now.refused(), Optional.of(now.witness()));
  }

  private void refuse(String other) {
    State now = state;
    if (!now.refused().equals(other)) {
      LOG.atError()
          .addKeyValue("event", "snapshot.other.store")
          .addKeyValue("store", other)
          .addKeyValue("followed", now.witness().id())
          .log(
              "A snapshot of another store is refused; restore the followed store, or "
                  + "restart this gateway with --adopt-store");
      state = new State(now.witness(), other, now.logContradicted());
    }
  }

  private void change(State next) {
    boolean changed = !next.witness().equals(state.witness());
    state = next;
    if (changed) {
      listeners.forEach(listener -> listener.accept(next.witness()));
    }
  }
}
