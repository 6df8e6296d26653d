// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.partition;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import java.util.List;

/// A control plane and three gateways, each a process. Every link goes through a proxy that fails
/// at random while good and bad versions are released under traffic at every gateway. Errors
/// decide: clients do not see them, because the gateway retries before the first byte. Latency
/// decides nothing, because a small machine with so many processes is slow. The last failure is
/// aimed: one gateway is cut off while the bad version has canary traffic. It misses the rollback,
/// and only the end of its lease stops it.
public final class PartitionTrial implements Trial {
  static final String ENDLESS_LEASE = "endless-lease";
  static final String COUNTED_TWICE = "counted-twice";

  @Override
  public String name() {
    return "partition";
  }

  @Override
  public String about() {
    return "links between the control plane and three gateways fail during releases (--full: of"
        + " each strategy)";
  }

  @Override
  public List<String> mutations() {
    return List.of(ENDLESS_LEASE, COUNTED_TWICE);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    long seed = run.seed();
    List<ReleaseCase> all = List.of(ReleaseCase.values());
    for (ReleaseCase releases : run.full() ? all : all.subList(0, 1)) {
      if (!run.wants(releases.title())) {
        continue;
      }
      run.figure("round of seed " + seed, releases.title());
      try (PartitionStack stack = new PartitionStack(run)) {
        new PartitionRound(run, releases, stack).play(seed++);
      }
    }
  }
}
