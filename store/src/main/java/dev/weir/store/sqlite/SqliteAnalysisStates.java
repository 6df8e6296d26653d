// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.AnalysisStates;
import dev.weir.store.Observations;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Table `analysis_state`.
final class SqliteAnalysisStates implements AnalysisStates {
  private final Database database;

  SqliteAnalysisStates(Database database) {
    this.database = database;
  }

  @Override
  public Optional<AnalysisState> get(String rollout) {
    return database.read(handle ->
        handle
            .createQuery("SELECT cohort, body FROM analysis_state WHERE rollout = ?")
            .bind(0, rollout)
            .map((row, _) -> new AnalysisState(row.getString(1), row.getString(2)))
            .findOne());
  }

  @Override
  public boolean advance(
      String rollout,
      String expectedCohort,
      AnalysisState next,
      List<Observations.Entry> consumed) {
    if (next.cohort().isEmpty()) {
      throw new IllegalArgumentException(
          "the cohort of " + rollout + " is empty, which means that there is no state");
    }
    StoreBounds.requireSize("analysis state of " + rollout, next.cohort(), next.json());
    return database.write(handle -> {
      boolean advanced = replace(handle, rollout, expectedCohort, next);
      if (advanced) {
        SqliteObservations.delete(handle, consumed);
      }
      return advanced;
    });
  }

  private static boolean replace(
      Handle handle, String rollout, String expectedCohort, AnalysisState next) {
    int rows =
        expectedCohort.isEmpty()
            ? handle.execute(
                """
                INSERT INTO analysis_state (rollout, cohort, body) VALUES (?, ?, ?)
                ON CONFLICT (rollout) DO NOTHING\
                """,
                rollout,
                next.cohort(),
                next.json())
            : handle.execute(
                "UPDATE analysis_state SET cohort = ?, body = ? WHERE rollout = ? AND cohort = ?",
                next.cohort(),
                next.json(),
                rollout,
                expectedCohort);
    return rows == 1;
  }

  @Override
  public void delete(String rollout) {
    database.write(
        handle -> handle.execute("DELETE FROM analysis_state WHERE rollout = ?", rollout));
  }
}
