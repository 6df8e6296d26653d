// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReleaseOrderTest {
  private static Service service(String namespace, String name, String... after) {
    Service plain = Resources.service(name, new VersionRef("chat", "1"));
    ServiceSpec spec = plain.spec();
    ReleaseSpec release = spec.release().withAfter(List.of(after));
    return plain
        .withMetadata(Metadata.of(namespace, name))
        .withSpec(new ServiceSpec(spec.version(), spec.placements(), release, spec.traffic()));
  }

  private static List<Problem> check(Service service, Service... others) {
    Map<ResourceRef, Resource> all =
        Stream.concat(Stream.of(service), Stream.of(others))
            .collect(Collectors.toMap(Service::ref, Function.identity()));
    return ReleaseOrder.check(
        service,
        new ResourceLookup() {
          @Override
          public Optional<Resource> get(ResourceRef ref) {
            return Optional.ofNullable(all.get(ref));
          }

          @Override
          public List<Resource> list(Kind kind, String namespace) {
            return List.of();
          }
        });
  }

  @Test
  void a_chain_is_fine_and_so_are_two_ways_to_the_same() {
    assertThat(
            check(
                service("default", "app", "router", "other/judge"),
                service("default", "router", "base"),
                service("other", "judge", "default/base"),
                service("default", "base")))
        .isEmpty();
  }

  @Test
  void a_circle_is_named() {
    assertThat(
            check(
                service("default", "app", "base", "router"),
                service("default", "router", "other/judge", "base"),
                service("other", "judge", "default/app"),
                service("default", "base")))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.path()).isEqualTo("spec.release.after[1]");
          assertThat(problem.message())
              .contains("default/app after default/router after other/judge after default/app");
        });
    assertThat(check(service("default", "app", "default/app")))
        .singleElement()
        .satisfies(
            problem -> assertThat(problem.message()).contains("default/app after default/app"));
  }

  @Test
  void a_circle_of_others_is_not_this_ones_fault() {
    assertThat(
            check(
                service("default", "app", "one"),
                service("default", "one", "two"),
                service("default", "two", "one")))
        .isEmpty();
  }

  @Test
  void a_name_that_nobody_has_is_refused() {
    assertThat(check(service("default", "app", "router")))
        .singleElement()
        .satisfies(problem ->
            assertThat(problem.message()).contains("there is no Service/default/router"));
  }
}
