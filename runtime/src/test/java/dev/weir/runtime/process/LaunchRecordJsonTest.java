// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.codec.Json;
import dev.weir.model.engine.EngineProfileSpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LaunchRecordJsonTest {
  private static LaunchRecord record(String type, Optional<EngineProfileSpec> profile) {
    EngineSpec engine =
        new EngineSpec(
            new EngineType(type),
            List.of("own", "serve"),
            List.of("--port", "{port}"),
            Optional.empty(),
            Map.of("HOME", "/tmp"),
            profile);
    ReplicaIntent intent =
        new ReplicaIntent(
            new ReplicaName("default", "chat", new VersionRef("chat", "2"), 0),
            "ab",
            engine,
            "chat",
            Duration.ofMinutes(1),
            Optional.empty(),
            1,
            Optional.empty(),
            Optional.empty());
    return new LaunchRecord(
        intent, "launch", "boot", 9001, Instant.parse("2026-01-01T00:00:00Z"), Memory.NEW);
  }

  @Test
  void an_adopted_process_keeps_the_profile_of_its_engine() {
    EngineProfileSpec profile =
        Json.read(
            "{\"healthPath\":\"/livez\",\"metrics\":{\"running\":[{\"name\":\"own_running\"}]}}",
            EngineProfileSpec.class);
    LaunchRecord record = record("own-engine", Optional.of(profile));
    assertThat(LaunchRecordJson.read(LaunchRecordJson.write(record))).isEqualTo(record);
  }

  @Test
  void a_record_without_a_profile_is_read() {
    LaunchRecord record = record("vllm", Optional.empty());
    String text = LaunchRecordJson.write(record);
    assertThat(text).doesNotContain("profile");
    assertThat(LaunchRecordJson.read(text)).isEqualTo(record);
  }
}
