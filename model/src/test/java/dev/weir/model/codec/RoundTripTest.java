// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.RandomResources;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.check.ResourceChecks;
import dev.weir.model.value.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoundTripTest {
  private static final int CASES = 300;

  @ParameterizedTest
  @EnumSource(Kind.class)
  void what_was_written_reads_back_equal(Kind kind) {
    for (int seed = 0; seed < CASES; seed++) {
      Resource resource = new RandomResources(new SplittableRandom(seed)).of(kind);
      assertReadsBack(Manifests.toJson(resource), resource);
      assertReadsBack(Manifests.toPrettyJson(resource), resource);
      assertReadsBack(Manifests.toYaml(resource), resource);
      assertThat(Manifests.fromJson(Manifests.toJson(resource))).isEqualTo(resource);
    }
  }

  private static void assertReadsBack(String text, Resource resource) {
    ParsedManifests parsed = Manifests.read(text);
    assertThat(parsed.problems()).as(text).isEmpty();
    assertThat(parsed.resources()).as(text).containsExactly(resource);
  }

  @Test
  void many_resources_read_back_in_order_from_one_yaml_text() {
    List<Resource> resources = new ArrayList<>();
    RandomResources random = new RandomResources(new SplittableRandom(7));
    for (int i = 0; i < 40; i++) {
      resources.add(random.any());
    }
    ParsedManifests parsed = Manifests.read(Manifests.toYaml(resources));
    assertThat(parsed.resources()).isEqualTo(resources);
  }

  @Test
  void equal_resources_have_equal_text_however_their_maps_are_ordered() {
    Resource once = new RandomResources(new SplittableRandom(3)).of(Kind.SERVICE);
    Resource again = Manifests.fromJson(Manifests.toPrettyJson(once));
    assertThat(Manifests.toJson(again)).isEqualTo(Manifests.toJson(once));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void the_builders_and_the_random_resources_are_valid(Kind kind) {
    assertThat(ResourceChecks.of(Resources.of(kind))).isEmpty();
    for (int seed = 0; seed < CASES; seed++) {
      Resource resource = new RandomResources(new SplittableRandom(seed)).of(kind);
      assertThat(ResourceChecks.of(resource)).as(resource.toString()).isEmpty();
    }
  }
}
