// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;
import dev.weir.model.codec.Manifests;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import java.nio.file.Path;

/// Stored text is the model's compact JSON.
final class ModelJson implements ResourceJson {
  private final Path file;

  /// @param file named when its text cannot be read
  ModelJson(Path file) {
    this.file = file;
  }

  @Override
  public String write(Resource resource) {
    return Manifests.toJson(resource);
  }

  @Override
  public Resource read(StoredBody body) {
    String text = body.whole(file);
    try {
      return Manifests.fromJson(text);
    } catch (IllegalArgumentException e) {
      throw new StoreException(
          Trouble.DAMAGED,
          file
              + " holds a resource that this Weir cannot read ("
              + e.getMessage()
              + "): was it written by another version? Put a backup in its place",
          e);
    }
  }
}
