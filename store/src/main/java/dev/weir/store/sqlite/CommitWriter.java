// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AuditEntry;
import dev.weir.store.AuditChain;
import dev.weir.store.AuditDraft;
import dev.weir.store.Commit;
import dev.weir.store.Write;
import dev.weir.store.sqlite.CommitPlan.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/// The steps of a commit inside its transaction: read, plan, write rows, audit, counters.
final class CommitWriter {
  /// The number of revisions between compactions of the event log, which can exceed its bound by as
  /// many.
  static final long COMPACTION_PERIOD = 1_000;

  private final ResourceJson json;
  private final ResourceTable resources;
  private final EventTable events;
  private final AuditTable audit;
  private final long eventsKept;

  CommitWriter(
      ResourceJson json,
      ResourceTable resources,
      EventTable events,
      AuditTable audit,
      long eventsKept) {
    this.json = json;
    this.resources = resources;
    this.events = events;
    this.audit = audit;
    this.eventsKept = eventsKept;
  }

  Commit commit(Handle handle, List<Write> writes, AuditDraft draft, Instant at) {
    StoreCounters storeCounters = StoreCounters.read(handle);
    return switch (CommitPlanner.plan(
        storeCounters.revision(), current(handle, writes), writes, at)) {
      case CommitPlan.Refused refused -> refused.conflict();
      case CommitPlan.Accepted plan -> {
        StoreCounters after =
            plan.changes().isEmpty() ? storeCounters : write(handle, storeCounters, plan, draft);
        yield new Commit.Done(after.revision(), plan.results());
      }
    };
  }

  /// Appends an entry without a change.
  AuditEntry record(Handle handle, AuditDraft draft, Instant at) {
    StoreCounters storeCounters = StoreCounters.read(handle);
    AuditEntry entry = next(storeCounters, draft, at, 0, Optional.empty(), Optional.empty());
    audit.write(handle, entry);
    storeCounters.withAudit(entry).write(handle);
    return entry;
  }

  private Map<ResourceRef, Resource> current(Handle handle, List<Write> writes) {
    Map<ResourceRef, Resource> current = new HashMap<>();
    for (Write write : writes) {
      resources.get(handle, write.ref()).ifPresent(found -> current.put(write.ref(), found));
    }
    return current;
  }

  private StoreCounters write(
      Handle handle, StoreCounters storeCounters, CommitPlan.Accepted plan, AuditDraft draft) {
    List<String> bodies = new ArrayList<>();
    for (Change change : plan.changes()) {
      String body = json.write(change.resource());
      resources.write(handle, change, body, plan.at());
      events.write(handle, change, body);
      bodies.add(body);
    }
    AuditEntry entry = entry(storeCounters, plan, bodies, draft);
    audit.write(handle, entry);
    StoreCounters after = storeCounters.withRevision(entry.revision()).withAudit(entry);
    if (after.revision() / COMPACTION_PERIOD > storeCounters.revision() / COMPACTION_PERIOD) {
      after = events.compact(handle, after, eventsKept);
    }
    after.write(handle);
    return after;
  }

  private AuditEntry entry(
      StoreCounters storeCounters,
      CommitPlan.Accepted plan,
      List<String> bodies,
      AuditDraft draft) {
    List<Change> changes = plan.changes();
    Function<Integer, Optional<String>> before = i -> changes.get(i).before().map(json::write);
    Function<Integer, Optional<String>> after =
        i -> changes.get(i).deleted() ? Optional.empty() : Optional.of(bodies.get(i));
    return next(
        storeCounters,
        draft.subject().isEmpty() ? about(draft, changes.getFirst().resource().ref()) : draft,
        plan.at(),
        changes.getLast().revision(),
        side(changes.size(), before),
        side(changes.size(), after));
  }

  /// For one change: the resource, or empty. For several: an array with one element each, `null`
  /// for a missing resource.
  private static Optional<String> side(int size, Function<Integer, Optional<String>> part) {
    if (size == 1) {
      return part.apply(0);
    }
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      parts.add(part.apply(i).orElse("null"));
    }
    return Optional.of("[" + String.join(",", parts) + "]");
  }

  private static AuditDraft about(AuditDraft draft, ResourceRef subject) {
    return new AuditDraft(
        draft.principal(),
        draft.sourceAddress(),
        draft.requestId(),
        draft.action(),
        subject.toString(),
        draft.outcome(),
        draft.reason());
  }

  private static AuditEntry next(
      StoreCounters storeCounters,
      AuditDraft draft,
      Instant at,
      long revision,
      Optional<String> before,
      Optional<String> after) {
    return AuditChain.append(
        storeCounters.auditSequence(),
        storeCounters.auditHead(),
        draft,
        at,
        revision,
        before,
        after);
  }
}
