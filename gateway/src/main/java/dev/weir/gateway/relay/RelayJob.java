// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.StreamDialect;
import dev.weir.gateway.exchange.answer.Timeline;
import dev.weir.gateway.exchange.answer.Transcript;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// The context of one attempt's relay.
///
/// @param continued whether this continues a stream of an earlier attempt; the head is already sent
/// @param usageOnly for a continued stream: only the usage is needed
/// @param clientHeaders creates the client's headers from the replica's
/// @param wholeAnswer reads a non-streamed answer before it is sent (counts, aborted, garbage)
/// @param contextTooLong reads an error of status 4xx: whether the request exceeds the model's
///   context
/// @param additionRefused reads the same error: whether it rejects what this gateway added to the
///   request
/// @param firstToken runs at the attempt's first token
/// @param ended receives the attempt's result once
public record RelayJob(
    ClientStream client,
    StreamDialect dialect,
    Transcript transcript,
    Timeline timeline,
    boolean continued,
    boolean usageOnly,
    HeaderFactory clientHeaders,
    AnswerReader wholeAnswer,
    Predicate<ByteBuf> contextTooLong,
    Predicate<ByteBuf> additionRefused,
    Runnable firstToken,
    Consumer<AttemptResult> ended,
    LongSupplier nanoTime) {

  /// Creates the headers of the client's answer.
  @FunctionalInterface
  public interface HeaderFactory {
    HttpHeaders make(int status, HttpHeaders fromReplica);
  }

  /// Reads a non-streamed answer of status 2xx.
  @FunctionalInterface
  public interface AnswerReader {
    /// @return the failure of an answer that is invalid despite its status
    Optional<Failure> read(ByteBuf body, Timeline timeline);
  }
}
