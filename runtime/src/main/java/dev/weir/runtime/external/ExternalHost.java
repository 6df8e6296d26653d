// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.runtime.lifecycle.LifecycleEvent;
import dev.weir.runtime.lifecycle.ProcessExit;
import dev.weir.runtime.lifecycle.ReplicaHost;
import dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory;
import java.net.URI;
import java.util.Optional;

/// A replica that Weir does not run: there is nothing to start, stop or store. The next `ensure`
/// repeats its intent.
///
/// @param endpoint empty if the intent has none
record ExternalHost(Optional<URI> endpoint) implements ReplicaHost {
  @Override
  public LifecycleEvent start(Memory memory) {
    return endpoint.isPresent()
        ? new LifecycleEvent.Started("not responding yet")
        : new LifecycleEvent.StartFailed(
            "no endpoint for this version: add it to the placement's endpoints", true);
  }

  @Override
  public Optional<ProcessExit> exit() {
    return Optional.empty();
  }

  @Override
  public void signal(boolean kill) {}

  @Override
  public boolean gone() {
    return true;
  }

  @Override
  public void saveState(Memory memory) {}

  @Override
  public void removeState() {}

  @Override
  public void doMaintenance() {}

  @Override
  public String progress() {
    return "";
  }

  @Override
  public Optional<Long> pid() {
    return Optional.empty();
  }

  @Override
  public String launch() {
    return "";
  }

  @Override
  public void onExit(Runnable wake) {}
}
