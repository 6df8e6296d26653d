// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;
import dev.weir.model.codec.Manifests;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Stored text is the model's compact JSON.
///
/// Who wants to know what is so reads everything anew at each revision, and nearly all of it is as
/// it was: equal text was read before, and resources do not change.
final class ModelJson implements ResourceJson {
  private static final int MOST_REMEMBERED = 20_000;

  private final Path file;
  private final Map<String, Resource> known = new ConcurrentHashMap<>();

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
    Resource before = known.get(text);
    if (before != null) {
      return before;
    }
    Resource resource = parse(text, body.row());
    remember(text, resource);
    return resource;
  }

  /// Beyond the limit one resource makes room, whichever: a store that is larger than the limit
  /// decodes a part of itself again at each reading, never all of it.
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
              + " holds a resource that this Weir cannot read ("
              + row
              + ": "
              + e.getMessage()
              + "): was it written by another version? Put a backup in its place",
          e);
    }
  }
}
