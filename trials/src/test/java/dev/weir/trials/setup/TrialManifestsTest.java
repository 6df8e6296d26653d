// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.codec.Manifests;
import dev.weir.model.codec.ParsedManifests;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrialManifestsTest {
  @Test
  void joined_manifests_are_valid() {
    ParsedManifests parsed =
        Manifests.read(
            TrialManifests.externalTarget()
                + TrialManifests.externalModel("chat", 2)
                + TrialManifests.version(
                    "chat", 3, TrialManifests.simulator("--latency-spread", "0.02"))
                + TrialManifests.externalService(
                    "chat", "chat@1", List.of("http://127.0.0.1:1", "http://127.0.0.1:2"))
                + TrialManifests.externalService(
                    "slow",
                    "chat@2",
                    List.of("http://127.0.0.1:3"),
                    "{retries: {maxAttempts: 1}}"));
    assertThat(parsed.problems()).isEmpty();
    assertThat(parsed.resources())
        .extracting(resource -> resource.metadata().name())
        .containsExactly("there", "chat", "chat-1", "chat-2", "chat-3", "chat", "slow");
  }

  @Test
  void an_invalid_engine_is_a_problem() {
    assertThat(Manifests.read(TrialManifests.version("chat", 1, "{typ: sim}")).problems())
        .isNotEmpty();
  }
}
