// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ResourceRef;

/// A resource of any kind: metadata, desired state (`spec`) and observed state (`status`).
///
/// The user owns `spec`, and Weir never changes it. Weir owns `status`.
public sealed interface Resource
    permits Model,
        ModelVersion,
        Service,
        Rollout,
        Target,
        Route,
        Principal,
        RoleBinding,
        ApiKey,
        AlertChannel,
        Policy {
  Metadata metadata();

  /// The desired state; the kind determines its class.
  Record spec();

  /// The observed state; the kind determines its class.
  Record status();

  Kind kind();

  /// The same resource with other metadata.
  Resource withMetadata(Metadata metadata);

  /// The same resource with the status of `other`, which is of the same kind.
  ///
  /// @throws ClassCastException when `other` is of another kind
  Resource withStatusOf(Resource other);

  /// The same resource with another `status.message`; a kind without one returns itself.
  default Resource withMessage(String message) {
    return this;
  }

  default ResourceRef ref() {
    return new ResourceRef(kind(), metadata().namespace(), metadata().name());
  }
}
