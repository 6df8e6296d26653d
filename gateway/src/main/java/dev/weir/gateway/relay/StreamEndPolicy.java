// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.StreamDialect;
import dev.weir.gateway.exchange.answer.Continuation;
import dev.weir.gateway.exchange.answer.Transcript;
import java.util.Optional;

/// Decides how a stream ends that broke after its head was sent.
record StreamEndPolicy(RelayJob job) {

  /// One of three results: everything was sent and only the end mark is missing; another replica
  /// can continue; or the client receives an error.
  AttemptResult cut(Failure failure) {
    Transcript transcript = job.transcript();
    if (transcript.isComplete()) {
      return close(failure);
    }
    boolean recoverable = failure.kind().retryable() || failure.kind().refusesAddition();
    boolean canContinue = recoverable && transcript.continuable();
    if (!canContinue) {
      return new AttemptResult.Broken(failure, true, Optional.empty());
    }
    Continuation continuation = transcript.continuation();
    if (continuation.usageOnly() && (!transcript.owesUsage() || transcript.promptKnown())) {
      return finish(failure);
    }
    return new AttemptResult.CutMidStream(failure, continuation);
  }

  private AttemptResult close(Failure failure) {
    job.client().write(job.dialect().done());
    job.client().end();
    return new AttemptResult.Complete(200, Optional.of(failure));
  }

  /// Every requested token was sent; only the engine's finish is missing.
  private AttemptResult finish(Failure failure) {
    Transcript transcript = job.transcript();
    if (!transcript.finished()) {
      job.client().write(job.dialect().finish(transcript, StreamDialect.Finish.AT_LIMIT));
      transcript.finish();
    }
    if (transcript.owesUsage()) {
      job.client().write(job.dialect().usage(transcript));
      transcript.usageSent();
    }
    return close(failure);
  }
}
