// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.coverage;

import dev.weir.gateway.exchange.ClientStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/// A client that keeps all that it gets.
final class Listening implements ClientStream {
  private final StringBuilder got = new StringBuilder();

  String got() {
    return got.toString();
  }

  @Override
  public EventLoop loop() {
    throw new UnsupportedOperationException("nothing waits here");
  }

  @Override
  public void answer(int status, HttpHeaders headers, ByteBuf body) {
    got.append("answer ").append(status);
    body.release();
  }

  @Override
  public void begin(int status, HttpHeaders headers) {
    got.append("begin ").append(status);
  }

  @Override
  public void waiting(HttpHeaders headers, UnaryOperator<ByteBuf> asEvent) {
    throw new UnsupportedOperationException("nothing waits here");
  }

  @Override
  public void write(ByteBuf bytes) {
    got.append(bytes.toString(StandardCharsets.ISO_8859_1));
    bytes.release();
  }

  @Override
  public void flush() {}

  @Override
  public void trailer(String name, String value) {
    got.append(name).append(value);
  }

  @Override
  public void end() {
    got.append("end");
  }

  @Override
  public void abort() {
    got.append("abort");
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void deadline(long atNanos) {
    // There is none.
  }

  @Override
  public void listen(Listener listener) {}
}
