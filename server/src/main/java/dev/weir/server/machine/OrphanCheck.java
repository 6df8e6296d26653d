// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.machine;

import dev.weir.cli.doctor.CheckResult;
import dev.weir.runtime.engine.OneLine;
import dev.weir.runtime.process.LaunchedEngines;
import dev.weir.runtime.process.LaunchedEngines.Launched;
import dev.weir.runtime.process.ProcessTable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Finds running engines on this machine that no Weir manages, for `weir doctor`. An engine is
/// managed if its data folder records its launch and any running Weir holds the lock of that
/// folder.
///
/// @param nanos monotonic clock
/// @param inUse whether a Weir uses this data folder
record OrphanCheck(
    ProcessTable table, InstantSource clock, LongSupplier nanos, Predicate<Path> inUse) {
  private static final String CHECK = "engines";
  private static final int MAX_CHARACTERS = 120;

  /// Limits the output; the next check shows the others.
  private static final int MAX_LISTED = 50;

  List<CheckResult> findings() {
    List<CheckResult> findings = new ArrayList<>();
    int owned = 0;
    int unlisted = 0;
    for (Launched launched : LaunchedEngines.find(table, nanos)) {
      if (owned(launched)) {
        owned++;
      } else if (findings.size() < MAX_LISTED) {
        findings.add(orphan(launched));
      } else {
        unlisted++;
      }
    }
    if (findings.isEmpty()) {
      return List.of(
          CheckResult.ok(CHECK, owned + " on this machine, all managed by a running Weir"));
    }
    if (unlisted > 0) {
      findings.add(
          CheckResult.warning(
              CHECK,
              unlisted + " more unmanaged engines",
              "end the listed ones first, then check again"));
    }
    return findings;
  }

  private boolean owned(Launched launched) {
    return launched.recorded()
        && launched.data().map(data -> inUse.test(launched.fromHere(data))).orElse(false);
  }

  private CheckResult orphan(Launched launched) {
    String kill = "kill -- " + String.join(" ", launched.targets());
    return launched.recorded()
        ? CheckResult.warning(
            CHECK,
            described(launched)
                + " belongs to "
                + where(launched)
                + ", but no Weir uses that folder",
            "start Weir with --data "
                + where(launched)
                + " to adopt the engine, or end it: "
                + kill)
        : CheckResult.warning(
            CHECK,
            described(launched) + " is orphaned: no data folder records it" + from(launched),
            "end it: " + kill);
  }

  private static String from(Launched launched) {
    return launched.data().map(data -> " (it was started from " + data + ")").orElse("");
  }

  private static String where(Launched launched) {
    return launched.data().map(Path::toString).orElse("an unknown folder");
  }

  /// `pid 12, up 3 min, launch id L, "java -cp ..."`.
  private String described(Launched launched) {
    long pid = launched.leader().pid();
    Optional<ProcessHandle.Info> info = ProcessHandle.of(pid).map(ProcessHandle::info);
    String command = info.flatMap(ProcessHandle.Info::commandLine).orElse(launched.leader().name());
    String age =
        info.flatMap(ProcessHandle.Info::startInstant)
            .map(start -> age(Duration.between(start, clock.instant())))
            .orElse("?");
    return "pid %d, up %s, launch id %s, `%s`"
        .formatted(
            pid,
            age,
            OneLine.of(launched.launchId(), MAX_CHARACTERS),
            OneLine.of(command, MAX_CHARACTERS));
  }

  private static String age(Duration up) {
    if (up.toHours() > 0) {
      return up.toHours() + " h";
    }
    return up.toMinutes() > 0 ? up.toMinutes() + " min" : Math.max(0, up.toSeconds()) + " s";
  }
}
