// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.codec.References.Reference;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReferencesTest {
  private static final String ROUTE =
      """
      apiVersion: weir.dev/v1
      kind: Route
      metadata: {name: chat, namespace: team}
      spec:
        model: chat
        rules: [{tenants: [beta], backends: [{service: a}]}]
        backends: [{service: b}, {service: c}]
        fallbacks: [{service: d}]
        mirror: {service: e, share: 10%}
      """;

  @Test
  void a_reference_has_the_path_of_its_field_and_the_namespace_of_its_resource() {
    Resource route = Manifests.read(ROUTE).resources().getFirst();
    assertThat(References.of(route))
        .extracting(Reference::path, Reference::ref)
        .containsExactly(
            tuple("spec.rules[0].backends[0].service", service("a")),
            tuple("spec.backends[0].service", service("b")),
            tuple("spec.backends[1].service", service("c")),
            tuple("spec.fallbacks[0].service", service("d")),
            tuple("spec.mirror.service", service("e")));
  }

  @Test
  void a_reference_to_a_global_kind_has_no_namespace() {
    assertThat(References.of(Resources.of(Kind.API_KEY)))
        .containsExactly(
            new Reference("spec.principal", ResourceRef.of(Kind.PRINCIPAL, "", "ada")));
  }

  @Test
  void a_kind_without_references_refers_to_nothing() {
    assertThat(References.of(Resources.of(Kind.POLICY))).isEmpty();
    assertThat(References.to(Kind.POLICY)).isEmpty();
  }

  @Test
  void the_kinds_that_refer_to_a_kind_follow_from_the_specs() {
    assertThat(References.to(Kind.MODEL)).contains(Kind.MODEL_VERSION);
    assertThat(References.to(Kind.TARGET)).contains(Kind.SERVICE);
    assertThat(References.to(Kind.SERVICE)).contains(Kind.ROUTE);
    assertThat(References.to(Kind.PRINCIPAL)).contains(Kind.ROLE_BINDING, Kind.API_KEY);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_kind_is_applied_after_the_kinds_that_it_refers_to(Kind kind) {
    assertThat(References.from(kind))
        .allSatisfy(other -> assertThat(other.applyOrder()).isLessThan(kind.applyOrder()));
  }

  private static ResourceRef service(String name) {
    return ResourceRef.of(Kind.SERVICE, "team", name);
  }
}
