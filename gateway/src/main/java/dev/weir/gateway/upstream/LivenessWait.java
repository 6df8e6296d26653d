// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.AttemptListener;
import dev.weir.gateway.exchange.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.EnumSet;
import java.util.Set;

/// Waits for any sign of life of a replica. A closed or refused connection counts too: a replica
/// that shuts down gracefully no longer listens while it finishes its answers, and if the process
/// is dead the kernel closes the connection of the answer.
final class LivenessWait implements AttemptListener {
  private static final Set<Failure.Kind> SILENCE =
      EnumSet.of(
          Failure.Kind.CONNECT_TIMEOUT,
          Failure.Kind.FIRST_TOKEN_TIMEOUT,
          Failure.Kind.TOTAL_TIMEOUT);

  private final Runnable silent;
  private boolean alive;

  LivenessWait(Runnable silent) {
    this.silent = silent;
  }

  @Override
  public void head(int status, HttpHeaders headers) {
    alive = true;
  }

  @Override
  public void body(ByteBuf bytes) {
    bytes.release();
  }

  @Override
  public void readComplete() {}

  @Override
  public void complete() {
    alive = true;
  }

  @Override
  public void broke(Failure failure) {
    if (!alive && SILENCE.contains(failure.kind())) {
      silent.run();
    }
  }
}
