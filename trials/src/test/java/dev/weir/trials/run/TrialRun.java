// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The options and the results of one trial.
public final class TrialRun {
  private final boolean full;
  private final long seed;
  private final Optional<String> mutation;
  private final Optional<String> only;
  private final List<String> failures = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();
  private final Map<String, Object> figures = new LinkedHashMap<>();
  private final StringBuilder pages = new StringBuilder();
  private int passed;

  /// @param full run all cases instead of the sample for CI
  /// @param mutation the deliberate bug to plant
  /// @param only parts of the names of the wanted cases, separated by commas
  public TrialRun(boolean full, long seed, Optional<String> mutation, Optional<String> only) {
    this.full = full;
    this.seed = seed;
    this.mutation = mutation;
    this.only = only;
  }

  public boolean full() {
    return full;
  }

  public long seed() {
    return seed;
  }

  /// Whether to plant this deliberate bug.
  public boolean mutated(String name) {
    return mutation.equals(Optional.of(name));
  }

  /// Parts of the names of the wanted cases; empty for the default of the trial.
  public Optional<String> only() {
    return only;
  }

  /// Whether a case is wanted.
  public boolean wants(String name) {
    return only.map(parts -> Arrays.stream(parts.split(",")).anyMatch(name::contains)).orElse(true);
  }

  public void say(String line) {
    System.err.println("    " + line);
  }

  /// Reports one case: passed when `holds`, else failed with the observed state.
  public void check(String what, boolean holds, @org.jspecify.annotations.Nullable Object seen) {
    if (holds) {
      passed++;
    } else {
      failures.add(what + ", but was: " + seen);
      say("FAILED " + what + ", but was: " + seen);
    }
  }

  public void fail(String what) {
    failures.add(what);
    say("FAILED " + what);
  }

  public void skip(String reason) {
    skipped.add(reason);
    say("SKIPPED " + reason);
  }

  public void figure(String name, Object value) {
    figures.put(name, value);
  }

  /// A file of recorded data, which is not part of the repository: in `WEIR_DATA`, else in
  /// `../shared/data`.
  public Optional<Path> data(String file) {
    String named = System.getenv("WEIR_DATA");
    Path path = Path.of(named == null ? "../shared/data" : named).resolve(file);
    if (Files.isReadable(path)) {
      return Optional.of(path);
    }
    skip("no recorded data at " + path + " (set WEIR_DATA)");
    return Optional.empty();
  }

  /// Adds Markdown to the report.
  public void page(String markdown) {
    pages.append(markdown);
  }

  String pages() {
    return pages.toString();
  }

  public int passed() {
    return passed;
  }

  public List<String> failures() {
    return failures;
  }

  public List<String> skipped() {
    return skipped;
  }

  public Map<String, Object> figures() {
    return figures;
  }
}
