// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.StreamDialect;
import dev.weir.gateway.exchange.Timeline;
import dev.weir.gateway.exchange.Transcript;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// What the relay of one attempt needs from its surroundings.
///
/// @param continued another attempt has spoken to this client before; its head is sent already
/// @param usageOnly of a continued stream: only the counts are wanted
/// @param clientHeaders makes the client's headers from the replica's
/// @param wholeAnswer reads a whole answer before it is sent (counts, aborted, garbage)
/// @param contextTooLong reads a whole error of status 4xx: whether it says that the request has
///   more tokens than the model takes
/// @param additionRefused reads the same: whether it refuses what this gateway added to the request
/// @param firstToken is told when the attempt's first token came
/// @param ended is told once how the attempt ended
public record RelayJob(
    ClientStream client,
    StreamDialect dialect,
    Transcript transcript,
    Timeline timeline,
    boolean continued,
    boolean usageOnly,
    HeadMaker clientHeaders,
    WholeReader wholeAnswer,
    Predicate<ByteBuf> contextTooLong,
    Predicate<ByteBuf> additionRefused,
    Runnable firstToken,
    Consumer<AttemptResult> ended,
    LongSupplier nanoTime) {

  /// Makes the headers of the client's answer.
  @FunctionalInterface
  public interface HeadMaker {
    HttpHeaders make(int status, HttpHeaders fromReplica);
  }

  /// Reads a whole answer of status 2xx.
  @FunctionalInterface
  public interface WholeReader {
    /// @return what is wrong with it though the engine says 200
    Optional<Failure> read(ByteBuf body, Timeline timeline);
  }
}
