// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.value.VersionRef;
import dev.weir.store.AuditDraft;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import dev.weir.store.Write;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueReaderTest {
  private static final AuditDraft AUDIT = new AuditDraft("ada", "", "", "test", "", "allowed", "");

  @TempDir Path folder;

  @Test
  void what_is_read_from_changes_equals_what_is_read_whole() {
    Random random = new Random(7);
    try (Store store = SqliteStore.open(folder, new ManualClock())) {
      ResourceSnapshot.Reader reader = new ResourceSnapshot.Reader(store, () -> ResolvedNames.NONE);
      List<Resource> stored = new ArrayList<>();
      for (int round = 0; round < 60; round++) {
        for (int i = random.nextInt(4); i >= 0; i--) {
          change(store, stored, random);
        }
        assertThat(reader.current()).isEqualTo(ResourceSnapshot.read(store, ResolvedNames.NONE));
      }
    }
  }

  @Test
  void a_kind_that_nothing_happened_to_keeps_its_map() {
    try (Store store = SqliteStore.open(folder, new ManualClock())) {
      put(store, Resources.target("local"));
      ResourceSnapshot.Reader reader = new ResourceSnapshot.Reader(store, () -> ResolvedNames.NONE);
      ResourceSnapshot before = reader.current();
      put(store, Resources.service("chat", new VersionRef("chat", "1")));
      assertThat(reader.current().targets()).isSameAs(before.targets());
      assertThat(reader.current().services()).hasSize(1);
    }
  }

  @Test
  void more_changes_than_are_read_one_by_one_are_read_whole() {
    try (Store store = SqliteStore.open(folder, new ManualClock())) {
      ResourceSnapshot.Reader reader = new ResourceSnapshot.Reader(store, () -> ResolvedNames.NONE);
      assertThat(reader.current().services()).isEmpty();
      for (int i = 0; i < 600; i++) {
        put(store, Resources.service("s" + i, new VersionRef("chat", "1")));
      }
      assertThat(reader.current()).isEqualTo(ResourceSnapshot.read(store, ResolvedNames.NONE));
    }
  }

  private static void change(Store store, List<Resource> stored, Random random) {
    if (!stored.isEmpty() && random.nextInt(4) == 0) {
      Resource gone = stored.remove(random.nextInt(stored.size()));
      commit(store, new Write.Delete(gone.ref(), OptionalLong.empty()));
      return;
    }
    String name = "r" + random.nextInt(8);
    Resource next =
        switch (random.nextInt(4)) {
          case 0 -> Resources.model(name);
          case 1 -> Resources.target(name);
          case 2 -> Resources.version(name, "1");
          default -> Resources.service(name, new VersionRef("chat", "" + random.nextInt(9)));
        };
    put(store, next);
    stored.removeIf(old -> old.ref().equals(next.ref()));
    stored.add(next);
  }

  private static void put(Store store, Resource resource) {
    commit(store, new Write.Put(resource, OptionalLong.empty()));
  }

  private static void commit(Store store, Write write) {
    assertThat(store.commit(List.of(write), AUDIT)).isInstanceOf(Commit.Done.class);
  }
}
