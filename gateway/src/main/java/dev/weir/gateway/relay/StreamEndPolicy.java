// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.Continuation;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.StreamDialect;
import dev.weir.gateway.exchange.Transcript;
import java.util.Optional;

/// Decides what becomes of a stream that broke after its head was sent.
record StreamEndPolicy(RelayJob job) {

  /// Three ways: all has been said and only the end mark is missing; another replica can speak on;
  /// or the client must be told.
  AttemptResult cut(Failure failure) {
    Transcript transcript = job.transcript();
    if (transcript.isComplete()) {
      return close(failure);
    }
    boolean may = failure.kind().retryable() || failure.kind().refusesAddition();
    boolean goesOn = may && transcript.continuable();
    if (!goesOn) {
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

  /// Every token that was asked for has been sent; the engine only failed to say so.
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
