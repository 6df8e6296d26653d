// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.UnaryOperator;

/// The response stream to one client for one request. Used on [#loop()] only; after the answer
/// ended or the client went away every call is a no-op that releases what it was given.
public interface ClientStream {
  EventLoop loop();

  /// Sends a whole answer and ends it.
  void answer(int status, HttpHeaders headers, ByteBuf body);

  /// Begins an answer of unknown length.
  void begin(int status, HttpHeaders headers);

  /// Tells the client of a stream that it is not forgotten: begins a stream of events before there
  /// is an answer, or goes on with it, by a comment. Whatever is answered then comes in that
  /// stream, its `x-weir-` headers as trailers.
  ///
  /// @param headers of the answer, when this begins it
  /// @param asEvent makes one event of a whole answer, which it takes over
  void waiting(HttpHeaders headers, UnaryOperator<ByteBuf> asEvent);

  /// Queues bytes of a begun answer; they leave at the next [#flush()].
  void write(ByteBuf bytes);

  void flush();

  /// A field for the end of a begun answer; a client that did not ask for trailers (`TE: trailers`)
  /// is not sent it.
  void trailer(String name, String value);

  /// Ends a begun answer.
  void end();

  /// Closes the connection in the middle of the answer, so that the client sees it as cut.
  void abort();

  /// Whether the client keeps up; while false, stop reading the upstream.
  boolean isWritable();

  /// No answer is begun after this monotonic instant, but for what is under way to the client: the
  /// connection is closed instead.
  void deadline(long atNanos);

  /// Sets who is told about the client; replaces the one before.
  void listen(Listener listener);

  /// What the client does while it waits for its answer.
  interface Listener {
    /// It closed the connection before the answer ended.
    void gone();

    void writabilityChanged(boolean writable);
  }
}
