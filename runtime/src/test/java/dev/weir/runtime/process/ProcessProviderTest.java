// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.ModelServerContract;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.TestModelServer.Mood;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

final class ProcessProviderTest extends ModelServerContract {
  @TempDir Path folder;

  @Override
  protected Provider open() {
    return ProcessTests.provider(ProcessTests.options(folder));
  }

  @Override
  protected Owner owner() {
    return Owner.PROVIDER;
  }

  @Override
  protected void crash(ObservedReplica replica) throws Exception {
    ProcessHandle process = ProcessHandle.of(replica.pid().orElseThrow()).orElseThrow();
    process.destroyForcibly();
    process.onExit().get(30, TimeUnit.SECONDS);
  }

  @Override
  protected ReplicaIntent intent(ReplicaName name, Mood mood, int warmUpRequests) {
    return ProcessTests.server(name, mood, warmUpRequests);
  }

  @AfterEach
  void assertNoProcessLeft() throws Exception {
    provider.close();
    try (Provider last = open()) {
      ProcessTests.endAll(last);
    }
  }
}
