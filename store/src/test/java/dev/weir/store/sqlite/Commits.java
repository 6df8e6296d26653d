// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Model;
import dev.weir.model.spec.ModelSpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Metadata;
import dev.weir.store.AuditDraft;
import dev.weir.store.Store;
import dev.weir.store.Write;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// Commits for tests that count them.
final class Commits {
  private Commits() {}

  /// Creates this number of revisions in one commit.
  static void many(Store store, int revisions) {
    long from = store.revision();
    List<Write> writes =
        LongStream.range(from, from + revisions)
            .<Write>mapToObj(i -> new Write.Put(model("m" + i), OptionalLong.of(0)))
            .toList();
    store.commit(writes, AuditDraft.byWeir("test", ""));
  }

  private static Model model(String name) {
    return new Model(
        Metadata.of("default", name),
        new ModelSpec(
            "ada",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of()),
        new NoStatus());
  }
}
