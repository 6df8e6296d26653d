// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.exchange.ClientStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.UnaryOperator;

/// Discards an answer that has no client.
record DiscardingClient(EventLoop loop) implements ClientStream {
  @Override
  public void answer(int status, HttpHeaders headers, ByteBuf body) {
    body.release();
  }

  @Override
  public void begin(int status, HttpHeaders headers) {
    // Discarded.
  }

  @Override
  public void waiting(HttpHeaders headers, UnaryOperator<ByteBuf> asEvent) {
    // Discarded.
  }

  @Override
  public void write(ByteBuf bytes) {
    bytes.release();
  }

  @Override
  public void flush() {
    // Nothing is buffered.
  }

  @Override
  public void trailer(String name, String value) {
    // Discarded.
  }

  @Override
  public void end() {
    // There is no response to end.
  }

  @Override
  public void abort() {
    // There is no connection.
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void deadline(long atNanos) {
    // The attempt has its own deadlines.
  }

  @Override
  public void listen(Listener listener) {
    // It never disconnects.
  }
}
