// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import java.util.EnumMap;
import java.util.Map;

/// The watches over the split, one for each stratum: a wrong split of client requests implies
/// nothing about generated or mirrored requests, and vice versa.
final class Allocations {
  private final Map<Stratum, AllocationWatch> watches = new EnumMap<>(Stratum.class);

  Allocations() {
    watches.put(Stratum.CLIENTS, new AllocationWatch());
  }

  Allocations(AllocationWatch.State clients, Map<Stratum, AllocationWatch.State> halved) {
    halved.forEach((stratum, state) -> watches.put(stratum, new AllocationWatch(state)));
    watches.put(Stratum.CLIENTS, new AllocationWatch(clients));
  }

  private AllocationWatch of(Stratum stratum) {
    return watches.computeIfAbsent(stratum, _ -> new AllocationWatch());
  }

  void count(Cohort cohort) {
    of(cohort.stratum()).count(cohort);
  }

  SplitSource split(Stratum stratum) {
    return of(stratum).split();
  }

  void beginStep() {
    watches.values().forEach(AllocationWatch::beginStep);
  }

  AllocationWatch.State clients() {
    return of(Stratum.CLIENTS).state();
  }

  Map<Stratum, AllocationWatch.State> halved() {
    Map<Stratum, AllocationWatch.State> states = new EnumMap<>(Stratum.class);
    watches.forEach((stratum, watch) -> {
      if (stratum.splitInHalves()) {
        states.put(stratum, watch.state());
      }
    });
    return states;
  }

  AnalysisEvidence.Allocation evidence() {
    return of(Stratum.CLIENTS).evidence();
  }

  Map<Stratum, AnalysisEvidence.Allocation> halvedEvidence() {
    Map<Stratum, AnalysisEvidence.Allocation> evidence = new EnumMap<>(Stratum.class);
    watches.forEach((stratum, watch) -> {
      if (stratum.splitInHalves()) {
        evidence.put(stratum, watch.evidence());
      }
    });
    return evidence;
  }
}
