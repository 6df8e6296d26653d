// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.store;

import dev.weir.model.Model;
import dev.weir.model.Resource;
import dev.weir.model.spec.ModelSpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Metadata;
import java.util.List;
import java.util.Optional;

/// Resources to store. Only their owner differs between writes.
final class StoredModels {
  private StoredModels() {}

  static Resource model(String name, String owner) {
    return new Model(
        Metadata.of("default", name),
        new ModelSpec(
            owner,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of()),
        new NoStatus());
  }
}
