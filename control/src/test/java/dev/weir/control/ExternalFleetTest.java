// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.model.ModelVersion;
import dev.weir.model.Resources;
import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Fleets that somebody else runs: endpoints by URL and by name.
class ExternalFleetTest {
  private static final Behaviour GOOD = new Behaviour(.002, .2);
  private static final Behaviour BAD = new Behaviour(.08, .4);
  private static final Placement BY_NAME =
      Resources.external("there", "chat@1", "dns+http://vllm.prod:8000");

  @TempDir Path folder;
  private ControlWorld world;

  @BeforeEach
  void begin() {
    world = new ControlWorld(folder);
    world.apply(Resources.target("there", ProviderType.EXTERNAL));
    world.behaviours.put("chat@1", GOOD);
    world.behaviours.put("chat@2", GOOD);
  }

  @AfterEach
  void end() {
    world.close();
  }

  private List<ReplicaEntry> routed() {
    return world.control().published().snapshot().services().getFirst().stable().replicas();
  }

  private List<String> urls() {
    return routed().stream().map(ReplicaEntry::url).sorted().toList();
  }

  private String nameOf(String url) {
    return routed().stream()
        .filter(replica -> replica.url().equals(url))
        .map(ReplicaEntry::name)
        .findFirst()
        .orElseThrow();
  }

  private String message() {
    return world.control().views().progress(world.service()).orElse("");
  }

  private void untilUrls(String... urls) {
    world.until("routed to " + List.of(urls), _ -> urls().equals(List.of(urls)), 300);
  }

  @Test
  void each_address_of_a_name_is_a_replica_and_comes_and_goes_with_it() {
    world.names.put("vllm.prod", List.of("10.0.0.2", "10.0.0.1"));
    world.serving(BY_NAME);
    untilUrls("http://10.0.0.1:8000", "http://10.0.0.2:8000");
    String second = nameOf("http://10.0.0.2:8000");

    world.names.put("vllm.prod", List.of("10.0.0.3", "10.0.0.2", "10.0.0.0"));
    untilUrls("http://10.0.0.0:8000", "http://10.0.0.2:8000", "http://10.0.0.3:8000");

    assertThat(nameOf("http://10.0.0.2:8000")).isEqualTo(second);
    world.until("the old one is forgotten", w -> w.provider.running().size() == 3, 50);
  }

  @Test
  void the_name_of_a_replica_comes_from_its_address_alone() {
    world.names.put("vllm.prod", List.of("10.0.0.1", "10.0.0.2"));
    world.serving(BY_NAME);
    String second = nameOf("http://10.0.0.2:8000");
    world.provider.running().forEach(name -> assertThat(name.ordinal()).isGreaterThan(99_999));

    world.names.put("vllm.prod", List.of("10.0.0.2"));
    untilUrls("http://10.0.0.2:8000");
    world.restart();
    world.steps(200);

    assertThat(nameOf("http://10.0.0.2:8000")).isEqualTo(second);
  }

  @Test
  void a_new_address_serves_only_when_it_answers() {
    world.names.put("vllm.prod", List.of("10.0.0.1"));
    world.serving(BY_NAME);
    world.provider.loadForEver(ONE);
    world.names.put("vllm.prod", List.of("10.0.0.1", "10.0.0.2"));
    world.until("both are known", w -> w.provider.running().size() == 2, 50);
    world.steps(20);
    assertThat(urls()).containsExactly("http://10.0.0.1:8000");
  }

  @Test
  void a_resolver_that_fails_takes_nothing_away_and_is_named() {
    world.names.put("vllm.prod", List.of("10.0.0.1", "10.0.0.2"));
    world.serving(BY_NAME);
    world.names.clear();
    world.until("it is named", _ -> message().contains("vllm.prod cannot be looked up"), 60);
    world.steps(300);
    assertThat(urls()).hasSize(2);

    world.restart();
    world.steps(300);
    assertThat(urls()).hasSize(2);
    assertThat(message()).contains("vllm.prod cannot be looked up: its last addresses stay");

    world.names.put("vllm.prod", List.of("10.0.0.1"));
    untilUrls("http://10.0.0.1:8000");
    assertThat(message()).isEqualTo("serving chat@1");
  }

  @Test
  void a_name_is_asked_for_at_a_bounded_rate() {
    world.names.put("vllm.prod", List.of("10.0.0.1"));
    world.serving(BY_NAME);
    world.lookUps.clear();
    world.steps(120);
    assertThat(world.lookUps).hasSizeBetween(5, 7);
    world.names.clear();
    world.steps(240);
    world.lookUps.clear();
    world.steps(240);
    assertThat(world.lookUps).as("once a minute while it fails").hasSizeBetween(1, 3);
  }

  @Test
  void of_too_many_addresses_some_serve() {
    world.names.put(
        "vllm.prod", IntStream.range(0, 100).mapToObj(i -> "10.0.0." + (i + 1)).toList());
    world.serving(BY_NAME);
    assertThat(urls()).hasSize(64);
    assertThat(message()).contains("vllm.prod has more than 64 addresses");
  }

  @Test
  void a_server_with_an_address_of_each_family_is_one_replica() {
    world.names.put("vllm.prod", List.of("fd12::1", "10.0.0.1"));
    world.serving(BY_NAME);
    assertThat(urls()).containsExactly("http://10.0.0.1:8000");
  }

  private static Placement both(String... endpointsOfTwo) {
    return new Placement(
        "there",
        1,
        Map.of(
            ONE,
            List.of(URI.create("http://10.0.1.1:8000"), URI.create("http://10.0.1.2:8000")),
            TWO,
            List.of(endpointsOfTwo).stream().map(URI::create).toList()));
  }

  private static List<VersionRef> versions(ControlWorld world) {
    return world.provider.running().stream().map(ReplicaName::version).distinct().toList();
  }

  @Test
  void a_good_version_elsewhere_is_promoted_and_the_old_one_let_go() {
    Placement placement = both("http://10.0.2.1:8000", "http://10.0.2.2:8000");
    world.serving(placement).want(TWO, placement);
    world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
    assertThat(world.stable()).isEqualTo(TWO);
    assertThat(versions(world)).containsExactly(TWO);
    untilUrls("http://10.0.2.1:8000", "http://10.0.2.2:8000");
  }

  @Test
  void a_bad_version_elsewhere_is_reverted() {
    world.behaviours.put("chat@2", BAD);
    Placement placement = both("http://10.0.2.1:8000", "http://10.0.2.2:8000");
    world.serving(placement).want(TWO, placement);
    world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 400);
    assertThat(world.stable()).isEqualTo(ONE);
    assertThat(versions(world)).containsExactly(ONE);
  }

  @Test
  void a_release_elsewhere_can_be_aborted_and_undone() {
    Placement placement = both("http://10.0.2.1:8000");
    world.serving(placement).want(TWO, placement);
    world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 100);
    assertThat(
            world
                .control()
                .commands()
                .abort(ControlWorld.ref("chat-1"), new Actor("ada", "127.0.0.1", "r"), "test"))
        .isInstanceOf(CommandResult.Done.class);
    world.untilPhase("chat-1", RolloutPhase.ABORTED, 100);
    assertThat(world.stable()).isEqualTo(ONE);
    untilUrls("http://10.0.1.1:8000", "http://10.0.1.2:8000");
  }

  @Test
  void endpoints_come_and_go_in_the_middle_of_a_release() {
    world.serving(both("http://10.0.2.1:8000")).want(TWO, both("http://10.0.2.1:8000"));
    world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 100);
    world.want(TWO, both("http://10.0.2.1:8000", "http://10.0.2.9:8000"));
    world.until("the new one answers", w -> w.provider.running().size() == 4, 50);
    world.want(TWO, both("http://10.0.2.9:8000"));
    world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
    assertThat(world.rollouts()).hasSize(1);
    untilUrls("http://10.0.2.9:8000");
  }

  @Test
  void two_versions_may_live_in_one_engine_under_two_names() {
    ModelVersion adapter = Resources.version("chat", "4");
    ModelVersionSpec plain = adapter.spec();
    world.apply(
        adapter.withSpec(
            new ModelVersionSpec(
                "chat",
                "4",
                Optional.of("chat-lora-4"),
                plain.source(),
                plain.engine(),
                plain.accelerator(),
                plain.startupTimeout(),
                plain.lineage())));
    world.behaviours.put("chat@4", GOOD);
    List<URI> engine = List.of(URI.create("http://10.0.1.1:8000"));
    VersionRef four = new VersionRef("chat", "4");
    Placement shared = new Placement("there", 1, Map.of(ONE, engine, four, engine));
    world.serving(shared).want(four, shared);
    world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
    untilUrls("http://10.0.1.1:8000");
    assertThat(routed()).extracting(ReplicaEntry::servedModel).containsExactly("chat-lora-4");
  }

  @Test
  void a_control_plane_that_dies_anywhere_changes_no_outcome() {
    Placement placement = both("http://10.0.2.1:8000", "http://10.0.2.2:8000");
    world.serving(placement);
    for (int i = 1; i <= 8; i++) {
      world.crashInjector.dieAt(_ -> true, 25 * i, () -> {});
    }
    world.want(TWO, placement);
    world.untilPhase("chat-1", RolloutPhase.COMPLETED, 2_000);
    assertThat(world.crashInjector.deaths()).isEqualTo(8);
    untilUrls("http://10.0.2.1:8000", "http://10.0.2.2:8000");
  }

  @Test
  void a_stable_version_that_answers_no_probe_after_a_restart_stays_in_routing() {
    world.serving(
        Resources.external("there", "chat@1", "http://10.0.1.1:8000", "http://10.0.1.2:8000"));
    world.provider.loadForEver(ONE);
    world.provider.set(ONE, ReplicaState.STARTING);
    world.restart();
    world.steps(400);
    assertThat(urls()).containsExactly("http://10.0.1.1:8000", "http://10.0.1.2:8000");
  }
}
