// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.RequestHandler;
import dev.weir.gateway.exchange.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/// Reads requests from bytes. The first byte says where the bytes are cut.
public final class HeadTarget {
  private static final ListenerLimits LIMITS =
      new ListenerLimits(10, 2_000, 1_000, 300, 3_000, 1000, 1000, 1000);

  private HeadTarget() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
    int cut = (input[0] & 0xff) * bytes.length / 256;
    Seen whole = new Seen(bytes, bytes.length);
    Seen pieces = new Seen(bytes, cut);
    if (!whole.all().equals(pieces.all())) {
      throw new IllegalStateException(
          "cut at " + cut + " it reads otherwise: " + whole.all() + " / " + pieces.all());
    }
  }

  /// The requests that were read from some bytes, and the answers.
  private static final class Seen implements RequestHandler {
    private final List<String> all = new ArrayList<>();

    Seen(byte[] bytes, int cut) {
      BodyMemory memory = new BodyMemory(LIMITS.maxBodyMemoryBytes(), () -> 0);
      EmbeddedChannel channel = new EmbeddedChannel();
      channel
          .pipeline()
          .addLast(new StrictRequestDecoder(LIMITS))
          .addLast(new HttpResponseEncoder())
          .addLast(
              new ClientConnection(
                  channel, LIMITS, memory, this, () -> false, OptionalLong.empty(), 0, () -> 0));
      feed(channel, Arrays.copyOfRange(bytes, 0, cut));
      feed(channel, Arrays.copyOfRange(bytes, cut, bytes.length));
      collect(channel);
      channel.finishAndReleaseAll();
      if (memory.used() != 0) {
        throw new IllegalStateException("memory is not given back: " + memory.used());
      }
    }

    List<String> all() {
      return all;
    }

    private static void feed(EmbeddedChannel channel, byte[] bytes) {
      if (channel.isOpen() && bytes.length > 0) {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
      }
    }

    private void collect(EmbeddedChannel channel) {
      StringBuilder out = new StringBuilder();
      ByteBuf next = channel.readOutbound();
      while (next != null) {
        out.append(next.toString(StandardCharsets.ISO_8859_1));
        next.release();
        next = channel.readOutbound();
      }
      all.add(out.toString());
    }

    @Override
    public Next head(RequestHead head, ClientStream client) {
      if (head.headers().contains("content-length")
          && head.headers().contains("transfer-encoding")) {
        throw new IllegalStateException("two ways to end a body");
      }
      all.add(head.method() + " " + head.path() + head.query() + " " + head.headers().entries());
      return new Next.ReadBody(new Body(client));
    }

    @Override
    public void malformed(ClientStream client, Failure failure) {
      all.add("malformed " + failure.kind());
      answer(client, failure.kind().status());
    }

    @Override
    public ByteBuf overloaded(ByteBufAllocator allocator, ByteBuf request, long nanos) {
      throw new IllegalStateException("there is no gate before the decoder");
    }

    private static void answer(ClientStream client, int status) {
      client.answer(status, new DefaultHttpHeaders(), Unpooled.EMPTY_BUFFER);
    }

    private final class Body implements BodyReader {
      private final ClientStream client;

      Body(ClientStream client) {
        this.client = client;
      }

      @Override
      public void body(ByteBuf body, long arrivedNanos) {
        all.add(body.toString(StandardCharsets.ISO_8859_1));
        body.release();
        answer(client, 200);
      }

      @Override
      public void failed(Failure failure) {
        all.add("failed " + failure.kind());
        answer(client, failure.kind().status());
      }
    }
  }
}
