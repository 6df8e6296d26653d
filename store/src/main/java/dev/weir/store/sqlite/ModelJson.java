// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;
import dev.weir.model.codec.Manifests;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Converts resources to and from the model's compact JSON.
///
/// Readers of the current state read all resources at each revision, and nearly all are unchanged.
/// So it caches resources, which are immutable, by their text.
final class ModelJson implements ResourceJson {
  private static final int MOST_REMEMBERED = 20_000;

  private final Path file;
  private final Map<String, Resource> known = new ConcurrentHashMap<>();

  /// @param file the store's file, for error messages
  ModelJson(Path file) {
    this.file = file;
  }

  @Override
  public String write(Resource resource) {
    return Manifests.toJson(resource);
  }

  @Override
  public Resource read(StoredBody body) {
    String text = body.verifiedText(file);
    Resource before = known.get(text);
    if (before != null) {
      return before;
    }
    Resource resource = parse(text, body.row());
    remember(text, resource);
    return resource;
  }

  /// Evicts an arbitrary resource at the limit. A store larger than the limit decodes only part of
  /// its resources again at each read, never all of them.
  private void remember(String text, Resource resource) {
    if (known.size() >= MOST_REMEMBERED) {
      known.keySet().stream().findFirst().ifPresent(known::remove);
    }
    known.put(text, resource);
  }

  private Resource parse(String text, StoredBody.Row row) {
    try {
      return Manifests.fromJson(text);
    } catch (IllegalArgumentException e) {
      throw new StoreException(
          Trouble.DAMAGED,
          file
              + " contains a resource that this Weir cannot read ("
              + row
              + ": "
              + e.getMessage()
              + "): was it written by another version? Restore a backup",
          e);
    }
  }
}
