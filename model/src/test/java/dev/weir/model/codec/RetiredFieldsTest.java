// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.model.RetiredNames;
import dev.weir.model.Service;
import dev.weir.model.spec.ServiceSpec.Breaker;
import dev.weir.model.status.Fault.ProbeResult;
import dev.weir.model.tree.JsonReader;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Problem;
import dev.weir.model.view.FaultRequest;
import dev.weir.model.view.GatewayView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetiredFieldsTest {
  private static final String SERVICE =
      """
      apiVersion: weir.dev/v1
      kind: Service
      metadata: {name: chat}
      spec:
        version: chat@2
        placements: [{target: local}]
        traffic: {breaker: {%s}}
      """;

  private final List<Problem> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  @Test
  void a_manifest_with_an_old_name_is_read_with_a_warning_that_names_the_new_one() {
    ParsedManifests parsed = Manifests.read(SERVICE.formatted("ejection: 12s, panic: 60%"));
    assertThat(parsed.problems()).isEmpty();
    assertThat(breaker(parsed).baseEjectionTime()).isEqualTo(Duration.ofSeconds(12));
    assertThat(breaker(parsed).panicThreshold()).isEqualTo(Percentage.of(60));
    assertThat(parsed.warnings())
        .containsExactlyInAnyOrder(
            "spec.traffic.breaker.ejection is a retired name: write `baseEjectionTime`; the next version no longer reads the old name",
            "spec.traffic.breaker.panic is a retired name: write `panicThreshold`; the next version no longer reads the old name");
  }

  @Test
  void the_new_names_are_read_without_a_warning() {
    assertThat(Manifests.read(SERVICE.formatted("panicThreshold: 60%")).warnings()).isEmpty();
  }

  @Test
  void the_warning_names_the_document_where_there_are_several() {
    ParsedManifests parsed =
        Manifests.read(
            SERVICE.formatted("").replace("name: chat}", "name: a}")
                + "---\n"
                + SERVICE.formatted("panic: 60%"));
    assertThat(parsed.warnings())
        .singleElement()
        .asString()
        .startsWith("document 2 (Service chat): spec.traffic.breaker.panic is a retired name");
  }

  @Test
  void both_names_at_once_are_an_error() {
    ParsedManifests parsed = Manifests.read(SERVICE.formatted("panic: 60%, panicThreshold: 50%"));
    assertThat(parsed.problems())
        .containsExactly(
            new Problem(
                "spec.traffic.breaker.panic",
                "60%",
                "is the retired name of `panicThreshold`: give only the new name"));
  }

  @Test
  void a_name_without_a_successor_is_an_error_that_shows_the_remedy() {
    RetiredNames names =
        RetiredNames.parse("field\tBreaker.panic\t\t0.1\tset `maxEjected` instead\n");
    Decoder decoder =
        new Decoder(
            Decoder.Strictness.MANIFEST,
            problems::add,
            new RetiredFields(names, problems::add, warnings::add));
    Optional<Record> read =
        decoder.record(
            Shapes.of(Breaker.class), JsonReader.read("{\"panic\": 1}").root(), "b", Map.of());
    assertThat(read).isPresent();
    assertThat(problems)
        .containsExactly(
            new Problem("b.panic", "1", "is a retired name: set `maxEjected` instead"));
    assertThat(warnings).isEmpty();
  }

  @Test
  void stored_resources_are_read_under_their_old_names() {
    Service service =
        (Service) Manifests.read(SERVICE.formatted("panicThreshold: 60%")).resources().getFirst();
    String stored = Manifests.toJson(service).replace("panicThreshold", "panic");
    assertThat(Manifests.fromJson(stored)).isEqualTo(service);
  }

  @Test
  void a_request_with_an_old_name_is_read_with_a_warning() {
    Json.Read<FaultRequest> read =
        Json.readStrictly(
            "{\"target\":\"chat\",\"kind\":\"health\",\"says\":\"unready\"}", FaultRequest.class);
    Json.Read.Value<FaultRequest> value = (Json.Read.Value<FaultRequest>) read;
    assertThat(value.value().probeResult()).contains(ProbeResult.UNREADY);
    assertThat(value.warnings()).hasSize(1);
  }

  @Test
  void an_answer_of_the_previous_version_is_read() {
    String answer =
        """
        {"id":"gw","boot":"b","version":"0.1","format":4,"sequence":1,"hash":"h","hashIs":"right","published":1,
         "behindMillis":0,"acknowledgedAt":"2026-01-01T00:00:00Z","lastSeen":"2026-01-01T00:00:00Z","leaseMillis":1,
         "connected":true}
        """;
    assertThat(Json.read(answer, GatewayView.class).hashStatus())
        .isEqualTo(GatewayView.HashStatus.RIGHT);
  }

  @Test
  void a_line_of_the_list_needs_a_new_name_or_a_remedy() {
    for (String line :
        List.of(
            "field\tA.b\t\t0.1\t", "field\tA.b\tc\t0.1\tremedy", "field\tA.b\tc", "x\ta\tb\t1\t")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RetiredNames.parse(line))
          .withMessageContaining("retired name");
    }
  }

  private static Breaker breaker(ParsedManifests parsed) {
    return ((Service) parsed.resources().getFirst()).spec().traffic().breaker();
  }
}
