// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.change.Change.Apply;
import dev.weir.control.change.Change.ApplyAll;
import dev.weir.control.change.Change.Delete;
import dev.weir.control.change.Change.OrderReplica;
import dev.weir.control.change.Change.OrderReplica.Verb;
import dev.weir.control.change.Change.ServiceProgress;
import dev.weir.control.change.Change.ServicesProgress;
import dev.weir.control.change.Change.StartRollout;
import dev.weir.control.change.Change.TransitionRollout;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.ChangeRefusedException.Why;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.codec.Manifests;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.AuditEntry;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreChangeExecutorTest {
  private static final ResourceRef CHAT = ResourceRef.of(Kind.SERVICE, "default", "chat");
  private static final ResourceRef ROLLOUT = ResourceRef.of(Kind.ROLLOUT, "default", "chat-1");
  private static final String WORLD =
      """
      {apiVersion: weir.dev/v1, kind: Target, metadata: {name: local}, spec: {provider: process}}
      ---
      {apiVersion: weir.dev/v1, kind: Model, metadata: {name: chat}, spec: {owner: o}}
      ---
      {apiVersion: weir.dev/v1, kind: ModelVersion, metadata: {name: chat-1}, spec: {model: chat, version: "1", engine: {type: sim}}}
      ---
      {apiVersion: weir.dev/v1, kind: ModelVersion, metadata: {name: chat-2}, spec: {model: chat, version: "2", engine: {type: sim}}}
      ---
      {apiVersion: weir.dev/v1, kind: Service, metadata: {name: chat}, spec: {version: chat@2, placements: [{target: local}]}}
      """;

  @TempDir Path folder;
  private Store store;
  private ChangeExecutor changes;

  @BeforeEach
  void open() {
    store = SqliteStore.open(folder, new ManualClock());
    changes = new StoreChangeExecutor(store);
    List<Apply> applies =
        Manifests.read(WORLD).resources().stream()
            .map(r -> new Apply(r, OptionalLong.empty()))
            .toList();
    assertThat(execute(new ApplyAll(applies))).isInstanceOf(Commit.Done.class);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void a_rollout_goes_its_legal_way_to_the_end_and_no_further() {
    start();
    for (RolloutPhase phase :
        List.of(
            RolloutPhase.PROVISIONING,
            RolloutPhase.PROGRESSING,
            RolloutPhase.PAUSED,
            RolloutPhase.PROGRESSING,
            RolloutPhase.PROMOTING,
            RolloutPhase.COMPLETED)) {
      assertThat(transition(phase)).isInstanceOf(Commit.Done.class);
    }
    for (RolloutPhase phase : RolloutPhase.values()) {
      assertThatThrownBy(() -> transition(phase))
          .isInstanceOfSatisfying(
              ChangeRefusedException.class, e -> assertThat(e.why()).isEqualTo(Why.CONFLICT))
          .hasMessageContaining("is Completed");
    }
  }

  @Test
  void from_each_phase_only_its_next_phases_and_itself_are_reachable() {
    start();
    assertThatThrownBy(() -> transition(RolloutPhase.COMPLETED))
        .isInstanceOf(ChangeRefusedException.class)
        .hasMessageContaining("may go to [Provisioning, RollingBack]");
    assertThat(transition(RolloutPhase.PENDING)).isInstanceOf(Commit.Done.class);
    assertThat(transition(RolloutPhase.ROLLING_BACK)).isInstanceOf(Commit.Done.class);
    assertThatThrownBy(() -> transition(RolloutPhase.PROGRESSING))
        .isInstanceOf(ChangeRefusedException.class);
  }

  @Test
  void a_transition_from_an_old_look_is_a_conflict_whatever_it_wants() {
    start();
    Rollout old = rollout();
    transition(RolloutPhase.PROVISIONING);
    Commit commit =
        execute(
            new TransitionRollout(
                with(old, RolloutPhase.COMPLETED),
                old.metadata().revision(),
                List.of(),
                OptionalLong.empty()));
    assertThat(commit)
        .isEqualTo(
            new Commit.Conflict(
                ROLLOUT, old.metadata().revision(), rollout().metadata().revision()));
  }

  @Test
  void a_started_rollout_and_its_service_are_written_together_or_not_at_all() {
    Service service = service();
    Commit stale =
        execute(new StartRollout(pending(), pointing(service), service.metadata().revision() - 1));
    assertThat(stale).isInstanceOf(Commit.Conflict.class);
    assertThat(store.get(ROLLOUT)).isEmpty();
    assertThatThrownBy(
            () -> execute(new StartRollout(pending(), service, service.metadata().revision())))
        .isInstanceOf(ChangeRefusedException.class)
        .hasMessageContaining("points at the rollout");
    start();
    assertThat(service().status().rollout()).contains("chat-1");
    assertThat(store.audit(0, 100).getLast().action()).isEqualTo("rollout.start");
  }

  @Test
  void weir_itself_never_rewrites_a_services_spec() {
    Service service = service();
    Service rewritten =
        service.withSpec(
            new dev.weir.model.spec.ServiceSpec(
                new VersionRef("chat", "1"),
                service.spec().placements(),
                service.spec().release(),
                service.spec().traffic()));
    assertThatThrownBy(() -> execute(new ServiceProgress(rewritten, service.metadata().revision())))
        .isInstanceOf(ChangeRefusedException.class)
        .hasMessageContaining("belongs to its user");
  }

  @Test
  void several_services_move_on_with_one_audit_entry_or_not_at_all() {
    Service chat = service();
    Service other = chat.withMetadata(Metadata.of("default", "other"));
    assertThat(execute(new Apply(other, OptionalLong.empty()))).isInstanceOf(Commit.Done.class);
    other = (Service) store.get(other.ref()).orElseThrow();
    int entries = store.audit(0, 100).size();
    ServiceProgress one = progress(chat, "one");
    ServiceProgress stale = new ServiceProgress(progress(other, "two").service(), 1);

    assertThat(execute(new ServicesProgress(List.of(one, stale))))
        .isInstanceOf(Commit.Conflict.class);
    assertThat(service().status().message()).isNotEqualTo("one");
    assertThat(execute(new ServicesProgress(List.of(one, progress(other, "two")))))
        .isInstanceOf(Commit.Done.class);

    assertThat(service().status().message()).isEqualTo("one");
    assertThat(store.audit(entries, 100))
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.action()).isEqualTo("service.progress");
          assertThat(entry.subject()).isEqualTo("Service/default/chat, Service/default/other");
        });
  }

  private static ServiceProgress progress(Service service, String message) {
    return new ServiceProgress(
        service.withStatus(service.status().withMessage(message)), service.metadata().revision());
  }

  @Test
  void an_order_is_audited_under_the_replicas_name_and_changes_nothing_but_the_orders() {
    Service service = service();
    ServiceStatus ordered =
        service.status().withOrders(List.of(order("chat-1-0"), order("chat-1-1")));
    long revision = service.metadata().revision();
    Service next = service.withStatus(ordered);
    assertThat(execute(new OrderReplica(next, revision, "chat-1-1", Verb.CORDON)))
        .isInstanceOf(Commit.Done.class);
    assertThat(service().status()).isEqualTo(ordered);
    AuditEntry entry = store.audit(0, 100).getLast();
    assertThat(entry.action()).isEqualTo("replica.cordon");
    assertThat(entry.subject()).isEqualTo("Replica/default/chat-1-1");

    assertThat(execute(new OrderReplica(next, revision, "chat-1-1", Verb.CORDON)))
        .isInstanceOf(Commit.Conflict.class);
    Service more = next.withStatus(ordered.withRollouts(7));
    long now = service().metadata().revision();
    assertThatThrownBy(() -> execute(new OrderReplica(more, now, "chat-1-1", Verb.UNCORDON)))
        .isInstanceOf(ChangeRefusedException.class)
        .hasMessageContaining("changes nothing else");
  }

  private static ReplicaOrder order(String replica) {
    return new ReplicaOrder(replica, OrderKind.CORDON, Instant.EPOCH, "ann", "looks odd", "");
  }

  @Test
  void a_service_with_a_live_rollout_and_the_rollouts_versions_stay() {
    start();
    assertThatThrownBy(() -> execute(new Delete(CHAT, OptionalLong.empty())))
        .isInstanceOf(ChangeRefusedException.class)
        .hasMessageContaining("Rollout/default/chat-1");
    ResourceRef from = ResourceRef.of(Kind.MODEL_VERSION, "default", "chat-1");
    assertThatThrownBy(() -> execute(new Delete(from, OptionalLong.empty())))
        .isInstanceOf(ChangeRefusedException.class)
        .hasMessageContaining("Rollout/default/chat-1");
    transition(RolloutPhase.ROLLING_BACK);
    transition(RolloutPhase.ROLLED_BACK);
    assertThat(execute(new Delete(from, OptionalLong.empty()))).isInstanceOf(Commit.Done.class);
    assertThat(execute(new Delete(CHAT, OptionalLong.empty()))).isInstanceOf(Commit.Done.class);
    assertThatThrownBy(() -> execute(new Delete(ROLLOUT, OptionalLong.empty())))
        .isInstanceOf(ChangeRefusedException.class)
        .hasMessageContaining("never deleted");
  }

  @Test
  void an_apply_of_several_resources_is_all_or_nothing() {
    long revision = store.revision();
    Resource good = Manifests.read(WORLD.replace("owner: o", "owner: p")).resources().get(1);
    Resource bad =
        Manifests.read(
                "{apiVersion: weir.dev/v1, kind: Service, metadata: {name: b}, spec: {version:"
                    + " chat@9, placements: [{target: local}]}}")
            .resources()
            .getFirst();
    assertThatThrownBy(() ->
            execute(
                new ApplyAll(
                    List.of(
                        new Apply(good, OptionalLong.empty()),
                        new Apply(bad, OptionalLong.empty())))))
        .isInstanceOfSatisfying(
            ChangeRefusedException.class, e -> assertThat(e.why()).isEqualTo(Why.INVALID));
    Commit conflict =
        execute(
            new ApplyAll(
                List.of(
                    new Apply(good, OptionalLong.empty()),
                    new Apply(service(), OptionalLong.of(1)))));
    assertThat(conflict).isInstanceOf(Commit.Conflict.class);
    assertThat(store.revision()).isEqualTo(revision);
  }

  private void start() {
    Service service = service();
    assertThat(
            execute(new StartRollout(pending(), pointing(service), service.metadata().revision())))
        .isInstanceOf(Commit.Done.class);
  }

  private Commit transition(RolloutPhase phase) {
    Rollout now = rollout();
    return execute(
        new TransitionRollout(
            with(now, phase), now.metadata().revision(), List.of(), OptionalLong.empty()));
  }

  private Commit execute(Change change) {
    return changes.execute(change, Actor.WEIR, "test");
  }

  private Service service() {
    return (Service) store.get(CHAT).orElseThrow();
  }

  private Rollout rollout() {
    return (Rollout) store.get(ROLLOUT).orElseThrow();
  }

  private static Service pointing(Service service) {
    return service.withStatus(
        ServiceStatus.empty().withRollout(Optional.of("chat-1")).withRollouts(1));
  }

  private Rollout pending() {
    return new Rollout(
        Metadata.of("default", "chat-1"),
        new RolloutSpec(
            "chat",
            new VersionRef("chat", "1"),
            new VersionRef("chat", "2"),
            service().metadata().specRevision(),
            "hash",
            "salt",
            service().spec().release(),
            Duration.ofSeconds(10),
            Duration.ofSeconds(120)),
        status(RolloutPhase.PENDING));
  }

  private static Rollout with(Rollout rollout, RolloutPhase phase) {
    return rollout.withStatus(status(phase));
  }

  private static RolloutStatus status(RolloutPhase phase) {
    return Resources.rolloutStatus(phase, -1, 0);
  }
}
