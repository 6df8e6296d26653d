// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.UnaryOperator;

/// The response stream to one client for one request. Used on [#loop()] only. After the answer
/// ended or the client disconnected, every call is a no-op that releases its arguments.
public interface ClientStream {
  EventLoop loop();

  /// Sends a complete answer and ends it.
  void answer(int status, HttpHeaders headers, ByteBuf body);

  /// Begins an answer of unknown length.
  void begin(int status, HttpHeaders headers);

  /// Sends a keep-alive to the client of a stream: starts an event stream before there is an
  /// answer, or continues it, with a comment. The answer is then sent in that stream, with its
  /// `x-weir-` headers as trailers.
  ///
  /// @param headers of the answer, used when this starts it
  /// @param asEvent converts a complete answer to an event and owns it
  void waiting(HttpHeaders headers, UnaryOperator<ByteBuf> asEvent);

  /// Queues bytes of a started answer; the next [#flush()] sends them.
  void write(ByteBuf bytes);

  void flush();

  /// Adds a trailer to a started answer; it is sent only to clients that accept trailers (`TE:
  /// trailers`).
  void trailer(String name, String value);

  /// Ends a started answer.
  void end();

  /// Closes the connection in the middle of the answer, so that the client can detect the cut.
  void abort();

  /// Whether the client keeps up; while false, stop reading the upstream.
  boolean isWritable();

  /// After this monotonic time no answer is started, and the connection is closed instead. Bytes
  /// already in flight to the client are still sent.
  void deadline(long atNanos);

  /// Sets the listener for client events; replaces the previous one.
  void listen(Listener listener);

  /// Client events while the request is in progress.
  interface Listener {
    /// The client closed the connection before the answer ended.
    void gone();

    void writabilityChanged(boolean writable);
  }
}
