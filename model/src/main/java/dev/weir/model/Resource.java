// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// A resource of any kind: identity and bookkeeping, what is wanted (`spec`), what is so
/// (`status`).
///
/// `spec` belongs to the user and is never rewritten by Weir; `status` belongs to Weir.
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

  /// The record of the wanted state; its class is fixed by the kind.
  Record spec();

  /// The record of the observed state; its class is fixed by the kind.
  Record status();

  Kind kind();

  /// The same resource with other metadata.
  Resource withMetadata(Metadata metadata);

  /// The same resource with the status of `other`, which is of the same kind.
  ///
  /// @throws ClassCastException when `other` is of another kind
  Resource withStatusOf(Resource other);

  default ResourceRef ref() {
    return new ResourceRef(kind(), metadata().namespace(), metadata().name());
  }
}
