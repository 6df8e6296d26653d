// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;
import java.util.Set;

/// A replica answered a continuation request with something other than a stream. The client
/// receives none of it. The client did not send that request, so no status is attributed to it.
final class RefusedContinuation implements Relay.BodyRelay {
  private final RelayJob job;

  /// Statuses that mean the engine does not support continuations of any stream.
  private static final Set<Integer> UNSUPPORTED = Set.of(400, 404, 405, 415, 422, 501);

  /// Maximum bytes of the refusal that are read.
  private static final int MAX_HELD = 64 * 1024;

  private final int status;
  private final ByteBuf held = Unpooled.buffer(256, MAX_HELD);

  RefusedContinuation(RelayJob job, int status) {
    this.job = job;
    this.status = status;
  }

  @Override
  public Optional<AttemptResult> body(ByteBuf bytes) {
    held.writeBytes(bytes, Math.min(bytes.readableBytes(), held.maxWritableBytes()));
    bytes.release();
    return Optional.empty();
  }

  @Override
  public void readComplete() {}

  @Override
  public AttemptResult complete() {
    boolean tooLong = job.contextTooLong().test(held);
    held.release();
    return new StreamEndPolicy(job).cut(failure(status, tooLong));
  }

  /// The failure for a status of a continuation request.
  ///
  /// @param tooLong whether the answer reports too many tokens, which depends on the stream
  static Failure failure(int status, boolean tooLong) {
    if (UNSUPPORTED.contains(status) && !tooLong) {
      return new Failure(
          Failure.Kind.UNSUPPORTED_BY_ENGINE,
          "the model server does not support continuing a stream: " + status);
    }
    if (status == 408) {
      return new Failure(Failure.Kind.SERVER_ERROR, "the model server failed: " + status);
    }
    return status / 100 == 4 && status != 429
        ? new Failure(
            Failure.Kind.CONTINUATION_REFUSED,
            "the model server refused to continue this stream: " + status)
        : WholeBody.failure(status);
  }

  @Override
  public AttemptResult broke(Failure failure) {
    held.release();
    return new StreamEndPolicy(job).cut(failure);
  }

  @Override
  public void drop() {
    held.release();
  }
}
