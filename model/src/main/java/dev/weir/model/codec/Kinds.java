// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.AlertChannel;
import dev.weir.model.ApiKey;
import dev.weir.model.Model;
import dev.weir.model.ModelVersion;
import dev.weir.model.Policy;
import dev.weir.model.Principal;
import dev.weir.model.Resource;
import dev.weir.model.RoleBinding;
import dev.weir.model.Rollout;
import dev.weir.model.Route;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.value.Kind;

/// The record class of each kind.
final class Kinds {
  private Kinds() {}

  static Class<? extends Record> type(Kind kind) {
    return switch (kind) {
      case MODEL -> Model.class;
      case MODEL_VERSION -> ModelVersion.class;
      case SERVICE -> Service.class;
      case ROLLOUT -> Rollout.class;
      case TARGET -> Target.class;
      case ROUTE -> Route.class;
      case PRINCIPAL -> Principal.class;
      case ROLE_BINDING -> RoleBinding.class;
      case API_KEY -> ApiKey.class;
      case ALERT_CHANNEL -> AlertChannel.class;
      case POLICY -> Policy.class;
    };
  }

  /// The shape of the whole resource: metadata, spec and status, without apiVersion and kind.
  static Shape.RecordOf shape(Kind kind) {
    return Shapes.of(type(kind));
  }

  static Shape.Field part(Kind kind, String name) {
    return shape(kind).fields().stream()
        .filter(field -> field.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /// @param parts metadata, spec and status, in the kind's classes
  static Resource make(Kind kind, Object... parts) {
    try {
      return (Resource) shape(kind).constructor().newInstance(parts);
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException("cannot make a " + kind.text(), impossible);
    }
  }
}
