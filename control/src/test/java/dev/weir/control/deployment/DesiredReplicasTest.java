// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.deployment.DesiredReplicas.Slot;
import dev.weir.control.observation.ResolvedNames;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.ModelVersion;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.spec.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.spec.ModelVersionSpec.SourceSpec;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.snapshot.StoreHead;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DesiredReplicasTest {
  private static final VersionRef ONE = new VersionRef("chat", "1");
  private static final AcceleratorSpec GPUS = new AcceleratorSpec("H100", 2, Optional.empty());
  private static final SourceSpec SOURCE =
      new SourceSpec("s3://models/chat-1", Optional.of("sha256:00"));

  private static ModelVersion version() {
    ModelVersion plain = Resources.version("chat", "1", "--load", "1");
    ModelVersionSpec spec = plain.spec();
    return plain.withSpec(
        new ModelVersionSpec(
            spec.model(),
            spec.version(),
            spec.servedModel(),
            Optional.of(SOURCE),
            spec.engine(),
            Optional.of(GPUS),
            spec.startupTimeout(),
            spec.lineage()));
  }

  private static List<Slot> slots() {
    Service service =
        Resources.service(
            "chat",
            ONE,
            new Placement("local", 1, Map.of()),
            Resources.external("out", "chat@1", "http://192.0.2.1:8000"));
    Target local = Resources.target("local");
    Target out = Resources.target("out", ProviderType.EXTERNAL);
    ResourceSnapshot resources =
        new ResourceSnapshot(
            9,
            StoreHead.UNKNOWN,
            Map.of(service.ref(), service),
            Map.of(),
            Map.of(version().ref(), version()),
            Map.of(local.ref(), local, out.ref(), out),
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of(),
            ResolvedNames.NONE);
    return DesiredReplicas.of(service, Optional.empty(), resources, 3).slots();
  }

  @Test
  void an_intent_has_the_accelerators_and_the_source_of_its_version() {
    ReplicaIntent intent = slots().getFirst().intent(new ReplicaName("default", "chat", ONE, 0));
    assertThat(intent.accelerator()).contains(GPUS);
    assertThat(intent.source()).contains(SOURCE);
    assertThat(intent.warmUpRequests()).isEqualTo(3);
  }

  /// Another hash would replace every running replica when Weir is upgraded.
  @Test
  void replicas_keep_the_hash_that_earlier_versions_of_weir_gave_them() {
    assertThat(slots())
        .extracting(Slot::specHash)
        .containsExactly(
            "0146bd23eedea3832de33f85eb52a40b962e18adcbd306f9a53deea5027812ab",
            "da42e97ea0af366edecca55476a57c2e504fa249e4894dda0b20627bc48c1e81");
  }
}
