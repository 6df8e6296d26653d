// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.value.Kind;
import dev.weir.model.value.Problem;
import dev.weir.model.view.AlertTest;
import dev.weir.model.view.AlertView;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.AuditReport;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.QueueView;
import dev.weir.model.view.Replayed;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.StoreView;
import dev.weir.model.view.SummaryView;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SchemasTest {
  @Test
  void the_schema_says_type_default_enum_range_and_meaning() {
    JsonNode spec = Schemas.jsonSchema(Kind.SERVICE).at("/properties/spec");
    assertThat(spec.at("/required").toString()).isEqualTo("[\"version\",\"placements\"]");
    assertThat(spec.at("/additionalProperties").booleanValue()).isFalse();
    assertThat(spec.at("/properties/version/description").stringValue())
        .isEqualTo("The wanted version; changing it starts a Rollout.");
    JsonNode release = spec.at("/properties/release/properties");
    assertThat(release.at("/strategy/enum").toString())
        .isEqualTo("[\"canary\",\"blueGreen\",\"rolling\",\"shadow\",\"recreate\"]");
    assertThat(release.at("/strategy/default").stringValue()).isEqualTo("canary");
    assertThat(release.at("/ramp/properties/weights/default/6").intValue()).isEqualTo(50);
    assertThat(release.at("/analysis/properties/alpha/exclusiveMaximum").intValue()).isEqualTo(1);
    assertThat(release.at("/analysis/properties/minStepDuration/default").stringValue())
        .isEqualTo("2m");
    assertThat(release.at("/analysis/properties/dispersion/oneOf/0/const").stringValue())
        .isEqualTo("auto");
  }

  @Test
  void a_global_kind_has_no_namespace_and_its_provider_is_required() {
    JsonNode schema = Schemas.jsonSchema(Kind.TARGET);
    assertThat(schema.at("/properties/metadata/properties").has("namespace")).isFalse();
    assertThat(schema.at("/properties/metadata/required").toString()).isEqualTo("[\"name\"]");
    assertThat(schema.at("/properties/spec/required").toString()).isEqualTo("[\"provider\"]");
  }

  @Test
  void every_field_is_described_and_no_description_is_stale() {
    Set<String> fields = new TreeSet<>();
    for (Kind kind : Kind.values()) {
      fields.add(kind.text());
      for (Shape.Field part : Kinds.shape(kind).fields()) {
        collect(part.shape(), fields);
      }
    }
    for (Class<? extends Record> type :
        Set.of(
            AlertTest.class,
            AlertView.class,
            AuditEntry.class,
            AuditReport.class,
            QueueView.class,
            StoreView.class,
            Evidence.class,
            GatewayView.class,
            Problem.class,
            Replayed.class,
            ReplicaView.class,
            SummaryView.class)) {
      collect(Shapes.of(type), fields);
    }
    Properties described = Schemas.descriptions();
    assertThat(new TreeSet<>(described.stringPropertyNames())).isEqualTo(fields);
  }

  private static void collect(Shape shape, Set<String> fields) {
    switch (shape) {
      case Shape.RecordOf record -> {
        for (Shape.Field field : record.fields()) {
          fields.add(record.type().getSimpleName() + "." + field.name());
          collect(field.shape(), fields);
        }
      }
      case Shape.ListOf list -> collect(list.item(), fields);
      case Shape.MapOf map -> collect(map.value(), fields);
      case Shape.OptionalOf optional -> collect(optional.held(), fields);
      case Shape.Text _,
          Shape.Whole _,
          Shape.Decimal _,
          Shape.Truth _,
          Shape.Notation _,
          Shape.Choice _,
          Shape.DispersionShape _,
          Shape.AnyResource _ -> {}
    }
  }
}
