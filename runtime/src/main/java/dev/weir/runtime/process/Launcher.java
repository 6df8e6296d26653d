// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.process.ProcessTable.Entry;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts children in Weir's working directory and sends signals to their groups.
final class Launcher {
  private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);

  /// The wrapper writes its pid file, checks that its launch is still the current one, and replaces
  /// itself with the engine. `setsid` has made it the leader of its own session and group.
  ///
  /// The order matters: a new Weir first fences the old launch and then searches for its process.
  /// Either it finds this pid, or this wrapper detects the fence.
  private static final String WRAPPER =
      """
      IFS= read -r stat < /proc/$$/stat || exit 70
      printf '%s\\n' "$stat" > "$1" || exit 71
      IFS= read -r current < "$2" || exit 72
      [ "$current" = "$WEIR_LAUNCH_ID" ] || exit 75
      shift 2
      exec "$@"
      """;

  private static final Path NULL = Path.of("/dev/null");
  private static final long SIGNAL_SECONDS = 10;

  private Launcher() {}

  /// Why this machine cannot start children; empty if it can.
  static String missing() {
    if (!ProcFs.present()) {
      return "/proc is not available";
    }
    return List.of("/usr/bin/setsid", "/bin/setsid").stream()
            .anyMatch(p -> new File(p).canExecute())
        ? ""
        : "setsid is not installed (package util-linux)";
  }

  static Process spawn(
      List<String> argv,
      Map<String, String> environment,
      ReplicaFolder replicaFolder,
      String launchId,
      Path log)
      throws IOException {
    List<String> wrapped =
        new ArrayList<>(
            List.of(
                setsid(),
                "/bin/sh",
                "-c",
                WRAPPER,
                "weir-launch",
                replicaFolder.pidFile(launchId).toAbsolutePath().toString(),
                replicaFolder.fence().toAbsolutePath().toString()));
    wrapped.addAll(argv);
    ProcessBuilder builder = new ProcessBuilder(wrapped);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectInput(NULL.toFile());
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder.start();
  }

  private static String setsid() {
    return new File("/usr/bin/setsid").canExecute() ? "/usr/bin/setsid" : "/bin/setsid";
  }

  /// Sends a signal to all members; uses the group if it contains no other process. Ignores
  /// processes that have ended. Continues stopped processes (SIGSTOP), so that they can end
  /// gracefully.
  static void signal(
      ProcessSnapshotCache.View view, List<Entry> members, ProcessTable table, boolean kill) {
    Set<Long> groups = ProcessGroup.groups(view, members);
    List<String> targets = new ArrayList<>();
    groups.forEach(group -> targets.add("-" + group));
    members.stream()
        .filter(member -> !groups.contains(member.group()) && table.alive(member.identity()))
        .forEach(member -> targets.add(Long.toString(member.pid())));
    if (!targets.isEmpty()) {
      send(
          kill ? "kill -s KILL -- \"$@\"" : "kill -s TERM -- \"$@\"; kill -s CONT -- \"$@\"",
          targets);
    }
  }

  private static void send(String script, List<String> targets) {
    List<String> argv = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
    argv.addAll(targets);
    try {
      Process shell =
          new ProcessBuilder(argv)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!shell.waitFor(SIGNAL_SECONDS, TimeUnit.SECONDS)) {
        LOG.atWarn()
            .addKeyValue("event", "signal.slow")
            .addKeyValue("processes", targets)
            .log("Signals to processes took too long");
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("cannot signal " + targets, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
