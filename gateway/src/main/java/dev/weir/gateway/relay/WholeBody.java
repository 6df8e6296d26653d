// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/// Relays an answer that is not an event stream. It is held back until it is complete, so that
/// another replica can still answer after a cut. An answer above one mebibyte passes through as it
/// arrives, and a cut then closes the client's connection.
final class WholeBody implements Relay.BodyRelay {
  static final int MAX_HELD = 1024 * 1024;

  private final RelayJob job;
  private final int status;
  private final HttpHeaders headers;
  private final CompositeByteBuf held = Unpooled.compositeBuffer(1024);
  private boolean passThrough;
  private boolean first = true;

  WholeBody(RelayJob job, int status, HttpHeaders headers) {
    this.job = job;
    this.status = status;
    this.headers = headers;
  }

  @Override
  public Optional<AttemptResult> body(ByteBuf bytes) {
    if (first) {
      first = false;
      markFirst();
    }
    if (passThrough) {
      job.client().write(bytes);
      return Optional.empty();
    }
    held.addComponent(true, bytes);
    if (held.readableBytes() <= MAX_HELD) {
      return Optional.empty();
    }
    if (!success()) {
      held.release();
      return Optional.of(
          new AttemptResult.FailedBeforeFirstByte(failure(status), Optional.empty()));
    }
    passThrough = true;
    job.client().begin(status, job.clientHeaders().make(status, headers));
    job.client().write(held);
    return Optional.empty();
  }

  private void markFirst() {
    if (success() && job.timeline().begun(job.nanoTime().getAsLong())) {
      job.firstToken().run();
    }
  }

  private boolean success() {
    return status / 100 == 2;
  }

  @Override
  public void readComplete() {
    if (passThrough) {
      job.client().flush();
    }
  }

  @Override
  public AttemptResult complete() {
    if (passThrough) {
      job.client().end();
      return new AttemptResult.Complete(status, Optional.empty());
    }
    if (success()) {
      return wholeSuccess();
    }
    Failure failure = wholeFailure();
    if (status < 400 || failure.kind().refusesAddition()) {
      held.release(); // a redirect would reveal an internal address to the client
      return new AttemptResult.FailedBeforeFirstByte(failure, Optional.empty());
    }
    if (failure.kind().retryable() || failure.kind() == Failure.Kind.CONTEXT_TOO_LONG) {
      return new AttemptResult.FailedBeforeFirstByte(
          failure, Optional.of(new AttemptResult.Held(status, headers, held)));
    }
    job.client().answer(status, job.clientHeaders().make(status, headers), held);
    return new AttemptResult.Complete(status, Optional.empty());
  }

  private Failure wholeFailure() {
    Failure failure = failure(status);
    if (failure.kind() != Failure.Kind.REJECTED_BY_ENGINE) {
      return failure;
    }
    if (job.additionRefused().test(held)) {
      return new Failure(
          Failure.Kind.UNSUPPORTED_BY_ENGINE,
          "the model server does not support a field that the gateway added: " + status);
    }
    return job.contextTooLong().test(held)
        ? new Failure(
            Failure.Kind.CONTEXT_TOO_LONG,
            "the request has more tokens than the model's context allows")
        : failure;
  }

  private AttemptResult wholeSuccess() {
    Optional<Failure> failure = job.wholeAnswer().read(held, job.timeline());
    if (failure.isPresent()) {
      held.release();
      return new AttemptResult.FailedBeforeFirstByte(failure.get(), Optional.empty());
    }
    job.client().answer(status, job.clientHeaders().make(status, headers), held);
    return new AttemptResult.Complete(status, Optional.empty());
  }

  @Override
  public AttemptResult broke(Failure failure) {
    if (passThrough) {
      return new AttemptResult.Broken(failure, false, Optional.empty());
    }
    held.release();
    return new AttemptResult.FailedBeforeFirstByte(failure, Optional.empty());
  }

  @Override
  public void drop() {
    if (!passThrough) {
      held.release();
    }
  }

  /// The failure that this status implies for the replica.
  static Failure failure(int status) {
    if (status == 429 || status == 503) {
      return new Failure(Failure.Kind.BACKPRESSURE, "the model server is at capacity");
    }
    if (status >= 500) {
      return new Failure(Failure.Kind.SERVER_ERROR, "the model server failed: " + status);
    }
    if (status >= 400) {
      return new Failure(
          Failure.Kind.REJECTED_BY_ENGINE, "the model server rejects the request: " + status);
    }
    return new Failure(Failure.Kind.BAD_ANSWER, "the model server answered " + status);
  }
}
