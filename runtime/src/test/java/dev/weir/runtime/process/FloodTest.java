// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static dev.weir.runtime.ProviderContract.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.status.ReplicaState;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.TestModelServer.Mood;
import dev.weir.runtime.Watcher;
import dev.weir.runtime.probe.GenerationProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Unlimited output.
final class FloodTest extends ProcessTests {
  @Test
  void the_log_is_bounded_however_much_is_printed() throws Exception {
    Path done = folder.resolve("done");
    provider.ensure(
        shell(
            "i=0; while [ $i -lt 4000 ]; do echo \"line $i of a chatty engine, as engines are\";"
                + " i=$((i+1)); done; sleep 0.3; echo the end; touch "
                + done
                + "; exec sleep 1000"));
    watcher.await(NAME, r -> r.state() == ReplicaState.STARTING && Files.exists(done));
    Path log = files("log").getFirst();
    assertThat(Files.size(log)).isLessThanOrEqualTo(MAX_LOG);
    assertThat(Files.size(log.resolveSibling("log.1"))).isLessThanOrEqualTo(MAX_LOG);
    assertThat(Files.readString(log)).endsWith("the end\n");
  }

  @Test
  void garbage_without_line_ends_is_harmless() throws Exception {
    Path done = folder.resolve("done");
    provider.ensure(
        shell(
            "head -c 50000000 /dev/urandom | tr -d '\\n'; head -c 3000 /dev/zero | tr '\\0'"
                + " '\\360'; touch "
                + done
                + "; sleep 0.3; exit 9"));
    ObservedReplica failed = watcher.await(NAME, r -> r.reason().contains("exit code 9"));
    assertThat(done).exists();
    assertThat(failed.reason()).hasSizeLessThan(500).doesNotContainPattern("[\\p{Cc}\\p{Cs}]");
    watcher.await(NAME, _ -> size("log") <= MAX_LOG && size("log.1") <= MAX_LOG);
  }

  private long size(String name) {
    try {
      List<Path> found = files(name);
      return found.isEmpty() ? 0 : Files.size(found.getFirst());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void the_log_is_bounded_while_a_probe_waits_for_its_answer() throws Exception {
    provider.close();
    provider = provider(slowProbing(options(folder)));
    watcher = new Watcher(provider);
    provider.ensure(server(Mood.SILENT, 0));
    watcher.await(NAME, _ -> size("log.1") > 0 && size("log") <= MAX_LOG);
    assertThat(provider.observe().getFirst().state()).isEqualTo(ReplicaState.STARTING);
  }

  /// Options with probes that wait longer than any test.
  private static ProcessProviderOptions slowProbing(ProcessProviderOptions options) {
    Duration hour = Duration.ofHours(1);
    return new ProcessProviderOptions(
        options.folder(),
        options.simCommand(),
        options.environment(),
        options.clock(),
        options.nanos(),
        options.timing(),
        new GenerationProbe.Limits(hour, hour),
        options.maxLogBytes(),
        options.table(),
        options.points());
  }
}
