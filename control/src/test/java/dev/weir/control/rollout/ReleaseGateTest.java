// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.observation.ResolvedNames;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.rollout.ReleaseGate.GateDecision;
import dev.weir.control.rollout.ReleaseGate.GateDecision.Proceed;
import dev.weir.control.rollout.ReleaseGate.GateDecision.Wait;
import dev.weir.control.rollout.machine.RolloutContext;
import dev.weir.control.rollout.machine.RolloutDecision;
import dev.weir.control.rollout.machine.RolloutDecision.NoChange;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.control.rollout.machine.RolloutFacts;
import dev.weir.control.rollout.machine.RolloutFacts.Group;
import dev.weir.control.rollout.machine.RolloutFacts.Limits;
import dev.weir.control.rollout.machine.RolloutFacts.Routing;
import dev.weir.model.ModelVersion;
import dev.weir.model.Policy;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.spec.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.PolicySpec.OnRunning;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.snapshot.StoreHead;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReleaseGateTest {
  private static final Instant NOW = Instant.parse("2026-03-04T12:00:00Z");
  private static final VersionRef ONE = new VersionRef("chat", "1");
  private static final VersionRef TWO = new VersionRef("chat", "2");
  private static final Target ROOMY = Resources.target("gpu-a", Map.of("H100", 4));
  private static final Target FULL = Resources.target("gpu-a", Map.of("H100", 2));

  private final ReleaseGate gate = new ReleaseGate();

  @Test
  void no_change_waits_with_the_message_of_the_state_machine() {
    assertThat(decide(rollout(RolloutPhase.PENDING, 0), new NoChange("adopting"), ROOMY))
        .isEqualTo(new Wait("adopting"));
  }

  @Test
  void a_start_with_free_capacity_proceeds_with_its_capacity_in_the_spec() {
    Rollout rollout = rollout(RolloutPhase.PENDING, 0);
    assertThat(decide(rollout, to(RolloutPhase.PROVISIONING), ROOMY))
        .isInstanceOfSatisfying(
            Proceed.class,
            proceed -> {
              assertThat(proceed.transition().status().phase())
                  .isEqualTo(RolloutPhase.PROVISIONING);
              assertThat(proceed.rollout().spec().scale().gpus()).isEqualTo(2);
            });
  }

  @Test
  void a_start_without_free_capacity_waits() {
    Rollout rollout = rollout(RolloutPhase.PENDING, 0);
    assertThat(decide(rollout, to(RolloutPhase.PROVISIONING), FULL))
        .isInstanceOfSatisfying(
            Wait.class, wait -> assertThat(wait.message()).contains("2 of 2 H100 on gpu-a"));
  }

  @Test
  void a_start_that_waited_too_long_becomes_a_rollback() {
    Rollout rollout = rollout(RolloutPhase.PENDING, 8 * 24);
    assertThat(decide(rollout, to(RolloutPhase.PROVISIONING), FULL))
        .isInstanceOfSatisfying(
            Proceed.class,
            proceed -> {
              assertThat(proceed.transition().status().phase())
                  .isEqualTo(RolloutPhase.ROLLING_BACK);
              assertThat(proceed.rollout()).isEqualTo(rollout);
            });
  }

  @Test
  void a_freeze_blocks_a_start_and_the_progress_of_a_rollout() {
    Rollout pending = rollout(RolloutPhase.PENDING, 0);
    Rollout running = rollout(RolloutPhase.PROGRESSING, 0);
    assertThat(decide(pending, to(RolloutPhase.PROVISIONING), ROOMY, freeze()))
        .isInstanceOfSatisfying(
            Wait.class, wait -> assertThat(wait.message()).contains("by policy calm"));
    assertThat(decide(running, to(RolloutPhase.PROMOTING), ROOMY, freeze()))
        .isInstanceOfSatisfying(
            Wait.class, wait -> assertThat(wait.message()).contains("goes no further"));
  }

  @Test
  void a_rollback_passes_a_freeze() {
    Rollout running = rollout(RolloutPhase.PROGRESSING, 0);
    Transition back = to(RolloutPhase.ROLLING_BACK);
    assertThat(decide(running, back, FULL, freeze())).isEqualTo(new Proceed(running, back));
  }

  @Test
  void of_two_starts_the_second_one_waits_once_the_first_one_is_stored() {
    Rollout rollout = rollout(RolloutPhase.PENDING, 0);
    Transition start = to(RolloutPhase.PROVISIONING);
    Rollout other = Resources.rollout("other", 1, "chat@1", "chat@2");
    Service otherService = service("other");
    Target shared = Resources.target("gpu-a", Map.of("H100", 6));
    assertThat(decide(rollout, start, shared, otherService, other)).isInstanceOf(Proceed.class);
    Rollout started = other.withStatus(status(RolloutPhase.PROVISIONING, NOW));
    assertThat(decide(rollout, start, shared, otherService, started)).isInstanceOf(Wait.class);
  }

  private GateDecision decide(
      Rollout rollout, RolloutDecision next, Target target, Resource... others) {
    Service service = service("chat");
    ResourceSnapshot known = known(service, rollout, target, others);
    return gate.decide(RolloutContext.of(rollout, service, facts()), next, known);
  }

  private static Service service(String name) {
    return Resources.service(name, TWO, new Placement("gpu-a", 1, Map.of()))
        .withStatus(
            ServiceStatus.empty()
                .withStable(new StableVersion(ONE, 1))
                .withRollout(Optional.of(name + "-1"))
                .withRollouts(1));
  }

  private static Rollout rollout(RolloutPhase phase, int hoursAgo) {
    return Resources.rollout("chat", 1, "chat@1", "chat@2")
        .withStatus(status(phase, NOW.minus(Duration.ofHours(hoursAgo))));
  }

  private static Transition to(RolloutPhase phase) {
    return new Transition(status(phase, NOW), Optional.empty(), "next", Optional.empty());
  }

  private static RolloutStatus status(RolloutPhase phase, Instant since) {
    return new RolloutStatus(
        phase,
        phase == RolloutPhase.PENDING ? -1 : 0,
        0,
        Optional.of(since),
        Optional.of(since),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        "waits");
  }

  private static ModelVersion version(String name) {
    ModelVersion plain = Resources.version("chat", name);
    ModelVersionSpec spec = plain.spec();
    return plain.withSpec(
        new ModelVersionSpec(
            spec.model(),
            spec.version(),
            spec.servedModel(),
            spec.source(),
            spec.engine(),
            Optional.of(new AcceleratorSpec("H100", 2, Optional.empty())),
            spec.startupTimeout(),
            spec.lineage()));
  }

  private static Policy freeze() {
    return Resources.policy(
        "calm",
        List.of(
            new Freeze(
                "launch",
                Optional.empty(),
                Optional.of(NOW.minusSeconds(60)),
                Optional.of(NOW.plusSeconds(60)),
                OnRunning.PAUSE)),
        0,
        0);
  }

  private static RolloutFacts facts() {
    Group well = new Group(1, 1, 1, 1, Optional.empty(), "");
    Duration minute = Duration.ofMinutes(1);
    return new RolloutFacts(
        NOW,
        false,
        well,
        well,
        new Routing(true, List.of(), List.of()),
        Optional.of(minute),
        Optional.empty(),
        "",
        new Limits(minute, minute, minute, minute));
  }

  private static ResourceSnapshot known(
      Service service, Rollout rollout, Target target, Resource... others) {
    Map<ResourceRef, Resource> all = new TreeMap<>();
    for (Resource resource : List.of(service, rollout, target, version("1"), version("2"))) {
      all.put(resource.ref(), resource);
    }
    for (Resource resource : others) {
      all.put(resource.ref(), resource);
    }
    return new ResourceSnapshot(
        others.length + all.hashCode(),
        StoreHead.UNKNOWN,
        of(Service.class, all),
        of(Rollout.class, all),
        of(ModelVersion.class, all),
        of(Target.class, all),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        of(Policy.class, all),
        ResolvedNames.NONE);
  }

  private static <T extends Resource> Map<ResourceRef, T> of(
      Class<T> type, Map<ResourceRef, Resource> all) {
    Map<ResourceRef, T> found = new TreeMap<>();
    all.values().stream()
        .filter(type::isInstance)
        .map(type::cast)
        .forEach(resource -> found.put(resource.ref(), resource));
    return found;
  }
}
