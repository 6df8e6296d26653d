// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.control.change.Change.Apply;
import dev.weir.control.change.Change.ApplyAll;
import dev.weir.control.change.Change.ChangeFaults;
import dev.weir.control.change.Change.Delete;
import dev.weir.control.change.Change.OrderReplica;
import dev.weir.control.change.Change.ServiceProgress;
import dev.weir.control.change.Change.ServicesProgress;
import dev.weir.control.change.Change.StartRollout;
import dev.weir.control.change.Change.TransitionRollout;
import dev.weir.control.change.ChangeRefusedException.Why;
import dev.weir.control.validation.Dependents;
import dev.weir.control.validation.ResourceLookup;
import dev.weir.control.validation.Rules;
import dev.weir.model.Resource;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.AuditDraft;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import dev.weir.store.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// The [ChangeExecutor] of a store.
///
/// One lock covers the check and the commit of a change. One process owns the store and all changes
/// pass here, so the state that the rules read is still valid at the commit. Without the lock, a
/// Service could be applied while its version is being deleted. Reads do not use the lock. A commit
/// takes milliseconds.
///
/// A change of several resources has one audit entry. Its subject lists them, separated by commas.
public final class StoreChangeExecutor implements ChangeExecutor {
  private final Store store;
  private final ResourceLookup stored;
  private final ReentrantLock lock = new ReentrantLock(true);

  public StoreChangeExecutor(Store store) {
    this.store = store;
    this.stored = ResourceLookup.of(store);
  }

  @Override
  public Commit execute(Change change, Actor actor, String reason) {
    lock.lock();
    try {
      return switch (change) {
        case Apply apply -> apply(List.of(apply), change, actor, reason);
        case ApplyAll all -> apply(all.applies(), change, actor, reason);
        case Delete delete -> delete(delete, actor, reason);
        case ServiceProgress progress -> progress(List.of(progress), change, actor, reason);
        case ServicesProgress several -> progress(several.services(), change, actor, reason);
        case OrderReplica order -> order(order, actor, reason);
        case ChangeFaults faults -> faults(faults, actor, reason);
        case StartRollout start -> start(start, actor, reason);
        case TransitionRollout transition -> transition(transition, actor, reason);
      };
    } finally {
      lock.unlock();
    }
  }

  private Commit apply(List<Apply> applies, Change change, Actor actor, String reason) {
    if (applies.isEmpty()) {
      return new Commit.Done(store.revision(), List.of());
    }
    for (Apply apply : applies) {
      Optional<Commit> conflict = conflict(apply.resource().ref(), apply.expectedRevision());
      if (conflict.isPresent()) {
        return conflict.get();
      }
    }
    requireClean(Rules.check(applies.stream().map(Apply::resource).toList(), stored));
    List<Write> writes =
        applies.stream()
            .<Write>map(
                a -> new Write.Put(StatusStripper.kept(a.resource(), stored), a.expectedRevision()))
            .toList();
    String subject =
        applies.stream().map(a -> a.resource().ref().toString()).collect(Collectors.joining(", "));
    return store.commit(writes, draft(change, actor, subject, reason));
  }

  private static String usedBy(String dependent) {
    String used = "is used by " + dependent;
    if (dependent.startsWith("Rollout/")) {
      return used + ", which runs: end it first, for example with `weir rollout abort`";
    }
    boolean resource = dependent.indexOf(' ') < 0;
    return resource ? used + ": delete that first, or let it use another" : used;
  }

  private Commit delete(Delete delete, Actor actor, String reason) {
    Optional<Commit> conflict = conflict(delete.ref(), delete.expectedRevision());
    if (conflict.isPresent()) {
      return conflict.get();
    }
    Optional<Resource> resource = stored.get(delete.ref());
    List<String> dependents =
        resource.map(found -> Dependents.of(found, stored)).orElseGet(List::of);
    if (!dependents.isEmpty()) {
      throw new ChangeRefusedException(
          Why.CONFLICT,
          dependents.stream()
              .map(d -> new Problem(delete.ref().toString(), "", usedBy(d)))
              .toList());
    }
    var write = new Write.Delete(delete.ref(), delete.expectedRevision());
    return store.commit(List.of(write), draft(delete, actor, delete.ref().toString(), reason));
  }

  private Commit progress(
      List<ServiceProgress> services, Change change, Actor actor, String reason) {
    List<Write> writes = new ArrayList<>();
    for (ServiceProgress progress : services) {
      OptionalLong expected = OptionalLong.of(progress.expectedRevision());
      Optional<Commit> conflict = conflict(progress.service().ref(), expected);
      if (conflict.isPresent()) {
        return conflict.get();
      }
      requireSpecKept(progress.service());
      writes.add(new Write.Put(progress.service(), expected));
    }
    String subject =
        services.stream().map(p -> p.service().ref().toString()).collect(Collectors.joining(", "));
    return store.commit(writes, draft(change, actor, subject, reason));
  }

  private Commit order(OrderReplica change, Actor actor, String reason) {
    Service next = change.service();
    String subject = "Replica/" + next.metadata().namespace() + "/" + change.replica();
    return partOfStatus(
        next,
        change.expectedRevision(),
        old -> next.status().withOrders(old.orders()),
        draft(change, actor, subject, reason));
  }

  private Commit faults(ChangeFaults change, Actor actor, String reason) {
    Service next = change.service();
    String subject =
        change.names().stream()
            .map(name -> "Fault/" + next.metadata().namespace() + "/" + name)
            .collect(Collectors.joining(", "));
    return partOfStatus(
        next,
        change.expectedRevision(),
        old -> next.status().withFaults(old.faults()),
        draft(change, actor, subject, reason));
  }

  /// Stores a Service in which exactly one part of the status changes.
  ///
  /// @param undone the new status with the old value of this part
  private Commit partOfStatus(
      Service next, long revision, UnaryOperator<ServiceStatus> undone, AuditDraft draft) {
    OptionalLong expected = OptionalLong.of(revision);
    Optional<Commit> conflict = conflict(next.ref(), expected);
    if (conflict.isPresent()) {
      return conflict.get();
    }
    requireSpecKept(next);
    stored
        .get(next.ref())
        .map(old -> ((Service) old).status())
        .ifPresent(old ->
            require(
                old.equals(undone.apply(old)),
                "status",
                "",
                "an order or a fault changes nothing else of " + next.ref()));
    return store.commit(List.of(new Write.Put(next, expected)), draft);
  }

  private Commit start(StartRollout change, Actor actor, String reason) {
    Rollout rollout = change.rollout();
    OptionalLong expectedService = OptionalLong.of(change.expectedServiceRevision());
    Optional<Commit> conflict =
        conflict(rollout.ref(), OptionalLong.of(0))
            .or(() -> conflict(change.service().ref(), expectedService));
    if (conflict.isPresent()) {
      return conflict.get();
    }
    requireSpecKept(change.service());
    require(
        rollout.status().phase() == RolloutPhase.PENDING,
        "status.phase",
        rollout.status().phase().text(),
        "a rollout starts as Pending");
    require(
        rollout.spec().service().equals(change.service().metadata().name())
            && change.service().status().rollout().equals(Optional.of(rollout.metadata().name())),
        "status.rollout",
        change.service().status().rollout().orElse(""),
        "a Service points at the rollout that starts for it: " + rollout.ref());
    return store.commit(
        List.of(
            new Write.Put(rollout, OptionalLong.of(0)),
            new Write.Put(change.service(), expectedService)),
        draft(change, actor, rollout.ref().toString(), reason));
  }

  private Commit transition(TransitionRollout change, Actor actor, String reason) {
    Rollout next = change.rollout();
    OptionalLong expected = OptionalLong.of(change.expectedRevision());
    Optional<Commit> conflict = conflict(next.ref(), expected);
    for (Service service : change.service()) {
      conflict = conflict.or(() -> conflict(service.ref(), change.expectedServiceRevision()));
    }
    if (conflict.isPresent()) {
      return conflict.get();
    }
    stored.get(next.ref()).ifPresent(old -> requireLegal((Rollout) old, next));
    var writes = new ArrayList<Write>();
    writes.add(new Write.Put(next, expected));
    for (Service service : change.service()) {
      requireSpecKept(service);
      writes.add(new Write.Put(service, change.expectedServiceRevision()));
    }
    return store.commit(writes, draft(change, actor, next.ref().toString(), reason));
  }

  private void requireLegal(Rollout old, Rollout next) {
    RolloutPhase from = old.status().phase();
    RolloutPhase to = next.status().phase();
    RolloutSpec settled =
        from == RolloutPhase.PENDING ? old.spec().withScale(next.spec().scale()) : old.spec();
    require(settled.equals(next.spec()), "spec", "", "a rollout's spec is fixed at its start");
    require(
        to.equals(from) ? !from.terminal() : from.next().contains(to),
        "status.phase",
        to.text(),
        next.ref()
            + " is "
            + from.text()
            + ", from where it may go to "
            + from.next().stream().map(RolloutPhase::text).toList());
  }

  /// `Service.spec` belongs to the user: Weir's own changes must not modify it.
  private void requireSpecKept(Service service) {
    stored
        .get(service.ref())
        .ifPresent(old ->
            require(
                old.spec().equals(service.spec()),
                "spec",
                "",
                "the spec of " + service.ref() + " belongs to its user"));
  }

  private static void require(boolean holds, String path, String value, String message) {
    if (!holds) {
      throw new ChangeRefusedException(Why.CONFLICT, List.of(new Problem(path, value, message)));
    }
  }

  private static void requireClean(Rules.Findings findings) {
    if (!findings.clean()) {
      throw new ChangeRefusedException(
          findings.invalid().isEmpty() ? Why.CONFLICT : Why.INVALID, findings.all());
    }
  }

  /// Reported before rules are checked: a client with an old revision must read the resource again
  /// first.
  private Optional<Commit> conflict(ResourceRef ref, OptionalLong expected) {
    if (expected.isEmpty()) {
      return Optional.empty();
    }
    long current = stored.get(ref).map(r -> r.metadata().revision()).orElse(0L);
    return current == expected.getAsLong()
        ? Optional.empty()
        : Optional.of(new Commit.Conflict(ref, expected.getAsLong(), current));
  }

  private static AuditDraft draft(Change change, Actor actor, String subject, String reason) {
    return new AuditDraft(
        actor.principal(),
        actor.sourceAddress(),
        actor.requestId(),
        change.action(),
        subject,
        "allowed",
        reason);
  }
}
