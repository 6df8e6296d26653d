// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.audit.WitnessMemory;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.deployment.SpecHash;
import dev.weir.control.external.Measurement;
import dev.weir.model.ModelVersion;
import dev.weir.model.Resource;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.codec.Manifests;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.Fault.ProbeResult;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.AuditVerifier;
import dev.weir.store.HistoryEntry;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import dev.weir.testkit.RecordedFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// This program starts on the data folder of the previous version, which was killed in the middle
/// of a release. `previous/README.md` describes how the folder was recorded.
class PreviousVersionTest {
  private static final ResourceRef CHAT = ResourceRef.of(Kind.SERVICE, "default", "chat");
  private static final ResourceRef LIVE = ResourceRef.of(Kind.ROLLOUT, "default", "chat-2");

  /// A kind of this version is added when the next recording contains it.
  private static final Set<Kind> RECORDED_KINDS =
      EnumSet.of(
          Kind.MODEL,
          Kind.MODEL_VERSION,
          Kind.SERVICE,
          Kind.ROLLOUT,
          Kind.TARGET,
          Kind.ROUTE,
          Kind.PRINCIPAL,
          Kind.ROLE_BINDING,
          Kind.API_KEY,
          Kind.ALERT_CHANNEL,
          Kind.POLICY);

  @TempDir Path folder;
  private ManualClock clock;
  private Store store;

  @BeforeEach
  void open() throws IOException {
    RecordedFiles.unpack(PreviousVersionTest.class, "previous/store.zip", folder);
    clock = new ManualClock(lastEntry().plus(Duration.ofMinutes(1)));
    store = SqliteStore.open(folder, clock);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void every_resource_is_what_the_previous_version_answered() throws IOException {
    List<Resource> recorded = new ArrayList<>();
    recorded().forEach(node -> recorded.add(Manifests.fromJson(node.toString())));
    List<Resource> stored =
        Stream.of(Kind.values()).flatMap(kind -> store.list(kind, "").stream()).toList();
    assertThat(recorded.stream().map(Resource::kind).distinct())
        .as("the recording has every kind of the previous version")
        .containsExactlyInAnyOrderElementsOf(RECORDED_KINDS);
    assertThat(stored.stream().map(PreviousVersionTest::withoutMessage))
        .containsExactlyInAnyOrderElementsOf(
            recorded.stream().map(PreviousVersionTest::withoutMessage).toList());
  }

  @Test
  void fields_that_were_renamed_have_their_values() {
    Service chat = (Service) store.get(CHAT).orElseThrow();
    assertThat(chat.spec().traffic().breaker().panicThreshold()).isEqualTo(Percentage.of(60));
    assertThat(chat.spec().traffic().breaker().baseEjectionTime())
        .isEqualTo(Duration.ofSeconds(12));
    assertThat(chat.status().orders())
        .singleElement()
        .extracting(ReplicaOrder::kind)
        .isEqualTo(OrderKind.CORDON);
    Service hosted =
        (Service) store.get(ResourceRef.of(Kind.SERVICE, "default", "hosted")).orElseThrow();
    assertThat(hosted.status().faults().getFirst().probeResult()).isEqualTo(ProbeResult.UNREADY);
  }

  @Test
  void the_audit_log_verifies() {
    assertThat(AuditVerifier.verify(store)).isInstanceOf(AuditVerifier.Verified.class);
  }

  @Test
  void a_spec_has_the_hash_that_the_previous_version_gave_it() {
    Service chat = (Service) store.get(CHAT).orElseThrow();
    Rollout live = (Rollout) store.get(LIVE).orElseThrow();
    assertThat(hash(chat)).isEqualTo(live.spec().specHash());
    Service failed =
        store.history(CHAT, 100).stream()
            .map(HistoryEntry::resource)
            .map(Service.class::cast)
            .filter(service -> service.spec().version().toString().equals("chat@3"))
            .findFirst()
            .orElseThrow();
    assertThat(chat.status().failed())
        .as("the release that was aborted is not tried again")
        .singleElement()
        .satisfies(release -> assertThat(release.specHash()).isEqualTo(hash(failed)));
  }

  @Test
  void the_release_in_progress_goes_on_with_its_analysis() {
    assertThat(store.analysis().get("default/chat-2")).as("recorded state").isPresent();
    FakeProvider provider = new FakeProvider(clock, _ -> {});
    SimulatedGateway gateway = new SimulatedGateway(recordedGateway(), 1, 30, Map.of());
    try (Control control = control(provider)) {
      for (int i = 0; i < 1_200 && status().step() == 0; i++) {
        clock.advance(ControlWorld.STEP);
        provider.tick();
        gateway.tick(control.published(), clock.instant().toEpochMilli());
        gateway.send(control.feed());
        control.pass();
        control.pass();
      }
      assertThat(status().phase()).isEqualTo(RolloutPhase.PROGRESSING);
      assertThat(status().step()).as(progress(control)).isEqualTo(1);
      assertThat(control.commands().evidence(LIVE))
          .as("the state of the statistics was read, not lost")
          .isNotEmpty()
          .allSatisfy(
              evidence -> assertThat(evidence.flags()).noneMatch(flag -> flag.contains("lost")));
    }
  }

  /// The gateway of the previous version, which is restarted with its identity.
  private String recordedGateway() {
    return store.observations().list("gateways", "").getFirst().key();
  }

  private String progress(Control control) {
    Rollout rollout = (Rollout) store.get(LIVE).orElseThrow();
    return control.views().progress(rollout).orElse(rollout.status().message());
  }

  private Control control(FakeProvider provider) {
    return Control.assemble(
        store,
        new AuditWitnesses(store, WitnessMemory.NONE, clock, clock),
        new StoreChangeExecutor(store),
        Map.of(ProviderType.PROCESS, provider, ProviderType.EXTERNAL, provider),
        _ -> List.of(InetAddress.getLoopbackAddress()),
        new FakeReceivers().notifier(),
        _ -> new Measurement.Passed(0),
        ControlOptions.defaults().withWarmUpRequests(1),
        clock,
        clock,
        new Random(7),
        CrashPoints.NONE);
  }

  private RolloutStatus status() {
    return ((Rollout) store.get(LIVE).orElseThrow()).status();
  }

  private String hash(Service service) {
    ModelVersion version =
        (ModelVersion)
            store
                .get(
                    ResourceRef.of(
                        Kind.MODEL_VERSION,
                        "default",
                        service.spec().version().toString().replace('@', '-')))
                .orElseThrow();
    return SpecHash.of(service.spec().withDefaultSlo(), version.spec());
  }

  /// The previous version answered with the live message, which is stored later or never.
  private static Resource withoutMessage(Resource resource) {
    return switch (resource) {
      case Service service -> service.withStatus(service.status().withMessage(""));
      case Rollout rollout -> rollout.withStatus(rollout.status().withMessage(""));
      default -> resource;
    };
  }

  private JsonNode recorded() throws IOException {
    return JsonMapper.shared().readTree(Files.readString(folder.resolve("resources.json")));
  }

  private Instant lastEntry() throws IOException {
    Instant last = Instant.EPOCH;
    for (JsonNode resource : recorded()) {
      Instant since =
          Instant.parse(
              resource.path("status").path("phaseSince").asString("1970-01-01T00:00:00Z"));
      last = since.isAfter(last) ? since : last;
    }
    return last;
  }
}
