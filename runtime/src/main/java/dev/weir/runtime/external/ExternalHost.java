// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.runtime.lifecycle.Event;
import dev.weir.runtime.lifecycle.Exit;
import dev.weir.runtime.lifecycle.Host;
import dev.weir.runtime.lifecycle.Life.Memory;
import java.net.URI;
import java.util.Optional;

/// A replica that runs elsewhere: nothing to start, end or keep. What is wanted of it comes again
/// with the next `ensure`.
///
/// @param endpoint empty when the intent names none
record ExternalHost(Optional<URI> endpoint) implements Host {
  @Override
  public Event start(Memory memory) {
    return endpoint.isPresent()
        ? new Event.Started("not answering yet")
        : new Event.StartFailed(
            "no endpoint for this version: name it in the placement's endpoints", true);
  }

  @Override
  public Optional<Exit> exit() {
    return Optional.empty();
  }

  @Override
  public void signal(boolean kill) {}

  @Override
  public boolean gone() {
    return true;
  }

  @Override
  public void remember(Memory memory) {}

  @Override
  public void forget() {}

  @Override
  public void tidy() {}

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
