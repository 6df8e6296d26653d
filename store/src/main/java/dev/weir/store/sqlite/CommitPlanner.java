// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Commit;
import dev.weir.store.Commit.Effect;
import dev.weir.store.Write;
import dev.weir.store.sqlite.CommitPlan.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Plans a commit. It is a pure function, so a conflict is detected before anything is written.
///
/// Writes apply in order, and each sees the effects of earlier ones.
final class CommitPlanner {
  private final Map<ResourceRef, Resource> now;
  private final Instant at;
  private final List<Change> changes = new ArrayList<>();
  private final List<Commit.Result> results = new ArrayList<>();
  private long revision;

  private CommitPlanner(long revision, Map<ResourceRef, Resource> current, Instant at) {
    this.revision = revision;
    this.now = new HashMap<>(current);
    this.at = at;
  }

  /// @param revision the newest revision
  /// @param current the stored resources that `writes` refers to; absent = does not exist
  static CommitPlan plan(
      long revision, Map<ResourceRef, Resource> current, List<Write> writes, Instant at) {
    CommitPlanner planner = new CommitPlanner(revision, current, at);
    for (Write write : writes) {
      Optional<Commit.Conflict> conflict = planner.take(write);
      if (conflict.isPresent()) {
        return new CommitPlan.Refused(conflict.get());
      }
    }
    return new CommitPlan.Accepted(at, planner.changes, planner.results);
  }

  private Optional<Commit.Conflict> take(Write write) {
    Resource before = now.get(write.ref());
    return switch (write) {
      case Write.Put put -> {
        if (!matches(put.expectedRevision(), before)) {
          yield Optional.of(conflict(write.ref(), put.expectedRevision(), before));
        }
        put(put.resource(), before);
        yield Optional.empty();
      }
      case Write.Delete delete -> {
        if (before == null || !matches(delete.expectedRevision(), before)) {
          yield Optional.of(conflict(write.ref(), delete.expectedRevision(), before));
        }
        delete(before);
        yield Optional.empty();
      }
    };
  }

  private void put(Resource wanted, @Nullable Resource before) {
    if (before == null) {
      revision++;
      change(null, wanted.withMetadata(wanted.metadata().stored(revision, revision, at)));
    } else if (same(wanted, before)) {
      results.add(new Commit.Result(Effect.UNCHANGED, before));
    } else {
      revision++;
      Metadata old = before.metadata();
      long specRevision = wanted.spec().equals(before.spec()) ? old.specRevision() : revision;
      Instant createdAt = old.createdAt().orElse(at);
      change(
          before, wanted.withMetadata(wanted.metadata().stored(revision, specRevision, createdAt)));
    }
  }

  private void change(@Nullable Resource before, Resource after) {
    now.put(after.ref(), after);
    changes.add(new Change(Optional.ofNullable(before), after, false));
    results.add(new Commit.Result(before == null ? Effect.CREATED : Effect.CHANGED, after));
  }

  private void delete(Resource before) {
    revision++;
    Metadata old = before.metadata();
    Resource gone =
        before.withMetadata(old.stored(revision, old.specRevision(), old.createdAt().orElse(at)));
    now.remove(before.ref());
    changes.add(new Change(Optional.of(before), gone, true));
    results.add(new Commit.Result(Effect.DELETED, gone));
  }

  private static boolean same(Resource wanted, Resource before) {
    return wanted.spec().equals(before.spec())
        && wanted.status().equals(before.status())
        && wanted.metadata().labels().equals(before.metadata().labels())
        && wanted.metadata().annotations().equals(before.metadata().annotations());
  }

  private static boolean matches(OptionalLong expected, @Nullable Resource before) {
    return expected.isEmpty() || expected.getAsLong() == revisionOf(before);
  }

  private static Commit.Conflict conflict(
      ResourceRef ref, OptionalLong expected, @Nullable Resource before) {
    return new Commit.Conflict(ref, expected.orElse(revisionOf(before)), revisionOf(before));
  }

  private static long revisionOf(@Nullable Resource resource) {
    return resource == null ? 0 : resource.metadata().revision();
  }
}
