// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resources;
import dev.weir.model.codec.Json;
import dev.weir.model.engine.EngineProfileSpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.RecordingSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.BakeSpec;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.model.value.Percentage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecHashTest {
  private static final ReleaseSpec PLAIN = Resources.release().withBake(BakeSpec.USUAL);

  private static ReleaseSpec after(String... names) {
    return PLAIN.withAfter(List.of(names));
  }

  @Test
  void what_a_release_waits_for_is_nothing_that_it_tries() {
    assertThat(SpecHash.of(after("router"))).isEqualTo(SpecHash.of(PLAIN));
  }

  @Test
  void what_it_tries_is() {
    ReleaseSpec quicker = PLAIN.withSteps(PLAIN.steps().subList(1, 3));
    assertThat(SpecHash.of(quicker)).isNotEqualTo(SpecHash.of(PLAIN));
    assertThat(SpecHash.of(PLAIN.withBake(BakeSpec.NONE))).isNotEqualTo(SpecHash.of(PLAIN));
  }

  @Test
  void so_is_what_gateways_are_to_ask() {
    var probes =
        new GeneratedTraffic(
            GeneratedTraffic.Source.PROBES, 2, GeneratedTraffic.ProbeApi.CHAT, List.of(), 64);
    String with = SpecHash.of(PLAIN.withTraffic(Optional.of(probes)));
    assertThat(with).isNotEqualTo(SpecHash.of(PLAIN));
  }

  @Test
  void what_is_recorded_is_not() {
    var recording =
        new RecordingSpec(Percentage.of(1), 10, Duration.ofDays(1), "env:KEY", List.of());
    assertThat(SpecHash.of(Resources.traffic().withRecording(Optional.of(recording))))
        .isEqualTo(SpecHash.of(Resources.traffic()));
  }

  /// Their replicas keep running when the control plane is updated.
  @ParameterizedTest
  @CsvSource({
    "vllm,776fcb67a62093873547cbc85378ab2c1c8bf3497fb78f1c573446f6cfbc12df",
    "sglang,49b3150df6945f0bb173293780c74e477d67f8169e8a123f3018611e9f793f14",
    "llamacpp,b6986f2892513f4018621cda2c4ce68acaac2847b2190ba7647226c12713cbb9",
    "ollama,0fd8238fdc0820be3e4e24bac7bf14e7a35f10ef2651e514f43d6c78ff745361",
    "openai,adb3a9e3a7dd0164395771327a1425b91d24b067e3151574711b583fda103e02",
    "sim,f39bbcb95b19737156729e0f34d1f64955dccdc05f6773a662e5082d6c61dddc"
  })
  void engines_from_before_there_were_profiles_keep_their_hash(String type, String hash) {
    assertThat(SpecHash.of(engine(type, Optional.empty()))).isEqualTo(hash);
  }

  @Test
  void another_profile_of_an_engine_is_another_version() {
    EngineProfileSpec one = Json.read("{\"healthPath\":\"/one\"}", EngineProfileSpec.class);
    EngineProfileSpec two = Json.read("{\"healthPath\":\"/two\"}", EngineProfileSpec.class);
    String plain = SpecHash.of(engine("vllm", Optional.empty()));
    String first = SpecHash.of(engine("vllm", Optional.of(one)));
    assertThat(first).isNotEqualTo(plain).isEqualTo(SpecHash.of(engine("vllm", Optional.of(one))));
    assertThat(SpecHash.of(engine("vllm", Optional.of(two)))).isNotEqualTo(first);
  }

  private static EngineSpec engine(String type, Optional<EngineProfileSpec> profile) {
    return new EngineSpec(
        new EngineType(type),
        List.of("vllm", "serve"),
        List.of("--x"),
        Optional.of("img"),
        Map.of("A", "b"),
        profile);
  }

  /// As it was before releases could wait for each other: what failed then is not tried again by
  /// itself now.
  @Test
  void old_specs_keep_their_hash() {
    assertThat(SpecHash.of(PLAIN))
        .isEqualTo("c486b8702d9fc48d11172e98172ebb9ff595c25fff2440ef625d9020f8ff9f9d");
  }
}
