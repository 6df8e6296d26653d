// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static dev.weir.runtime.ProviderContract.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import dev.weir.model.ReplicaState;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Output without measure.
final class FloodTest extends ProcessTests {
  @Test
  void the_log_is_bounded_however_much_is_said() throws Exception {
    Path done = folder.resolve("done");
    provider.ensure(
        shell(
            "i=0; while [ $i -lt 4000 ]; do echo \"line $i of a chatty engine, as engines are\"; i=$((i+1)); done; "
                + "sleep 0.3; echo the end; touch "
                + done
                + "; exec sleep 1000"));
    watcher.await(NAME, r -> r.state() == ReplicaState.STARTING && Files.exists(done));
    Path log = files("log").getFirst();
    assertThat(Files.size(log)).isLessThanOrEqualTo(MAX_LOG);
    assertThat(Files.size(log.resolveSibling("log.1"))).isLessThanOrEqualTo(MAX_LOG);
    assertThat(Files.readString(log)).endsWith("the end\n");
  }
}
