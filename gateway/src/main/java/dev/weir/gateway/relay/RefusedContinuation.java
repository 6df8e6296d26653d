// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.Ending;
import dev.weir.gateway.exchange.Failure;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/// A replica answered the request to continue a stream with something that is no stream: the client
/// sees nothing of it.
final class RefusedContinuation implements Relay.BodyRelay {
  private final RelayJob job;
  private final int status;

  RefusedContinuation(RelayJob job, int status) {
    this.job = job;
    this.status = status;
  }

  @Override
  public Optional<Ending> body(ByteBuf bytes) {
    bytes.release();
    return Optional.empty();
  }

  @Override
  public void readComplete() {}

  @Override
  public Ending complete() {
    return broke(WholeBody.failure(status));
  }

  @Override
  public Ending broke(Failure failure) {
    return new EndOfEvents(job).cut(failure);
  }

  @Override
  public void drop() {}
}
