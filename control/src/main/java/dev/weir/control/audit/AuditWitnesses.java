// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.audit;

import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.AuditReport;
import dev.weir.snapshot.StoreHead;
import dev.weir.store.AuditDraft;
import dev.weir.store.AuditHead;
import dev.weir.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The heads of the audit log that gateways have received. The log and its head are in one file, so
/// an attacker that rewrites one rewrites the other. The log must contain every head that a gateway
/// has, permanently.
public final class AuditWitnesses {
  /// The number of gateways remembered; beyond it, the least recent is dropped.
  static final int MOST = 1_000;

  /// The maximum length of a gateway's id; Weir creates no longer ones.
  private static final int MAX_ID_CHARS = 128;

  private static final Logger LOG = LoggerFactory.getLogger(AuditWitnesses.class);
  private static final long FRESH_NANOS = Duration.ofMillis(250).toNanos();

  private final Store store;
  private final WitnessMemory memory;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Witness> byGateway = new TreeMap<>();
  private volatile Optional<RestoreHistory> restoreHistory = Optional.empty();
  private volatile Read newest;
  private boolean changed;

  private record Read(StoreHead head, long nanos) {}

  /// @param nanos monotonic
  public AuditWitnesses(
      Store store, WitnessMemory memory, InstantSource clock, LongSupplier nanos) {
    this.store = store;
    this.memory = memory;
    this.clock = clock;
    this.nanos = nanos;
    this.newest = read();
    memory.load().stream()
        .filter(witness -> isOurs(witness.head()))
        .limit(MOST)
        .forEach(witness -> byGateway.put(witness.gateway(), witness));
  }

  /// The identity of the store.
  public String store() {
    return store.identity();
  }

  /// The head of the log, at most 250 ms old.
  public StoreHead head() {
    Read last = newest;
    if (nanos.getAsLong() - last.nanos() > FRESH_NANOS) {
      last = read();
      newest = last;
    }
    return last.head();
  }

  private Read read() {
    AuditHead head = store.auditHead();
    return new Read(
        new StoreHead(store.identity(), head.sequence(), head.hash()), nanos.getAsLong());
  }

  /// Checks and stores the head that a gateway reports.
  ///
  /// @return whether the log contains the head, so that the gateway may replace it with a newer one
  public boolean recordReported(String gateway, StoreHead reported) {
    if (!isOurs(reported) || gateway.length() > MAX_ID_CHARS) {
      return true;
    }
    if (contains(reported)) {
      update(gateway, reported);
      return true;
    }
    if (acknowledged(reported)) {
      forget(gateway);
      return true;
    }
    contradicted(gateway, reported);
    return false;
  }

  private boolean isOurs(StoreHead head) {
    return head.hasAuditEntry() && head.id().equals(store.identity());
  }

  private boolean contains(StoreHead head) {
    return head.equals(head())
        || store.audit(head.auditSequence() - 1, 1).stream().anyMatch(entry -> is(entry, head));
  }

  private static boolean is(AuditEntry entry, StoreHead head) {
    return entry.sequence() == head.auditSequence() && entry.hash().equals(head.auditHead());
  }

  private boolean acknowledged(StoreHead reported) {
    if (restoreHistory.isEmpty()) {
      restoreHistory = Optional.of(new AuditLogScan(store, List.of()).restoreHistory());
    }
    return restoreHistory
        .flatMap(known -> known.explaining(reported.auditSequence()))
        .map(RestoreHistory.Restore::acknowledged)
        .orElse(false);
  }

  /// A contradicting head stays stored, regardless of later reports of the same gateway.
  private void update(String gateway, StoreHead reported) {
    Optional<Witness> before = of(gateway);
    if (before.map(Witness::head).filter(reported::equals).isPresent()) {
      return;
    }
    if (before
        .filter(known -> !contains(known.head()) && !acknowledged(known.head()))
        .isPresent()) {
      return;
    }
    put(new Witness(gateway, reported, clock.instant()));
    if (before.isEmpty()) {
      save();
    }
  }

  private void contradicted(String gateway, StoreHead reported) {
    if (of(gateway).map(Witness::head).filter(reported::equals).isEmpty()) {
      LOG.atError()
          .addKeyValue("event", "audit.contradicted")
          .addKeyValue("gateway", gateway)
          .addKeyValue("entry", reported.auditSequence())
          .addKeyValue("hash", reported.auditHead())
          .log("The audit log lacks an entry that a gateway received; run 'weir audit verify'");
      put(new Witness(gateway, reported, clock.instant()));
      save();
    }
  }

  private Optional<Witness> of(String gateway) {
    lock.lock();
    try {
      return Optional.ofNullable(byGateway.get(gateway));
    } finally {
      lock.unlock();
    }
  }

  private void put(Witness witness) {
    lock.lock();
    try {
      byGateway.put(witness.gateway(), witness);
      changed = true;
      if (byGateway.size() > MOST) {
        byGateway.values().stream()
            .min(Comparator.comparing(Witness::at))
            .ifPresent(oldest -> byGateway.remove(oldest.gateway()));
      }
    } finally {
      lock.unlock();
    }
  }

  private void forget(String gateway) {
    lock.lock();
    try {
      changed |= byGateway.remove(gateway) != null;
    } finally {
      lock.unlock();
    }
  }

  /// The witness of each gateway, ordered by gateway id.
  public List<Witness> all() {
    lock.lock();
    try {
      return List.copyOf(byGateway.values());
    } finally {
      lock.unlock();
    }
  }

  /// Saves the witnesses if they changed since the last save.
  public void save() {
    lock.lock();
    try {
      if (changed) {
        memory.save(List.copyOf(byGateway.values()));
        changed = false;
      }
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("event", "audit.witnesses.unsaved")
          .addKeyValue("error", e.getMessage())
          .log("The audit witnesses cannot be written");
    } finally {
      lock.unlock();
    }
  }

  /// Reads the whole log and compares it with the witnesses.
  public AuditReport verify() {
    return new AuditLogScan(store, all()).verify();
  }

  /// Records that an operator confirms a restore of the store. Heads of the lost store then no
  /// longer contradict the log.
  ///
  /// @param restore the number of the audit entry that records the restore
  /// @param draft of the new entry; this method sets its action and subject
  /// @return the new entry; empty if `restore` is not the entry of a restore
  public Optional<AuditEntry> acknowledge(long restore, AuditDraft draft) {
    if (new AuditLogScan(store, List.of()).restoreHistory().at(restore).isEmpty()) {
      return Optional.empty();
    }
    AuditEntry entry =
        store.record(
            new AuditDraft(
                draft.principal(),
                draft.sourceAddress(),
                draft.requestId(),
                RestoreHistory.ACKNOWLEDGE,
                RestoreHistory.subject(restore),
                "allowed",
                draft.reason()));
    restoreHistory = Optional.empty();
    return Optional.of(entry);
  }
}
