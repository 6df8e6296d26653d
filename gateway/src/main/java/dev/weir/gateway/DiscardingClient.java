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
    // Nobody reads it.
  }

  @Override
  public void waiting(HttpHeaders headers, UnaryOperator<ByteBuf> asEvent) {
    // Nobody waits.
  }

  @Override
  public void write(ByteBuf bytes) {
    bytes.release();
  }

  @Override
  public void flush() {
    // Nothing is kept.
  }

  @Override
  public void trailer(String name, String value) {
    // Nobody reads it.
  }

  @Override
  public void end() {
    // Nothing was begun.
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
    // Its requests have their own.
  }

  @Override
  public void listen(Listener listener) {
    // It never goes away.
  }
}
