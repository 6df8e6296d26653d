// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.model.Resource;
import dev.weir.model.codec.Manifests;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class UnguardedServicesTest {
  private static List<String> warnings(String metrics) {
    List<Resource> set =
        Manifests.read(
                """
                apiVersion: weir.dev/v1
                kind: Service
                metadata: {name: chat}
                spec:
                  version: chat@1
                  placements: [{target: local}]
                  release: {analysis: {metrics: %s}}
                """
                    .formatted(metrics))
            .resources();
    assertThat(set).hasSize(1);
    return UnguardedServices.warnings(set);
  }

  @Test
  void a_service_is_guarded_unless_somebody_says_otherwise_of_everything() {
    assertThat(warnings("{}")).isEmpty();
    String none =
        AnalysisPlan.defaults().metrics().keySet().stream()
            .map(metric -> metric.manifestName() + ": {gating: false}")
            .collect(Collectors.joining(", "));
    assertThat(warnings("{" + none + "}"))
        .singleElement()
        .asString()
        .startsWith("spec.release.analysis.metrics: no metric is gating")
        .contains("chat");
    assertThat(
            warnings("{" + none.replace("error: {gating: false}", "error: {gating: true}") + "}"))
        .isEmpty();
  }
}
