// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BodyAssemblerTest {
  private final BodyAssembler bodyAssembler = new BodyAssembler(ByteBufAllocator.DEFAULT);

  @Test
  void single_bytes_are_kept_together() {
    for (int i = 0; i < 100_000; i++) {
      bodyAssembler.add(Unpooled.wrappedBuffer(new byte[] {(byte) i}));
    }

    CompositeByteBuf whole = (CompositeByteBuf) bodyAssembler.take();

    assertThat(whole.readableBytes()).isEqualTo(100_000);
    assertThat(whole.numComponents()).isLessThan(10);
    assertThat(whole.getByte(99_999)).isEqualTo((byte) 99_999);
    whole.release();
  }

  @Test
  void pieces_of_any_size_stay_in_order_and_are_released() {
    Random random = new Random(1);
    StringBuilder sent = new StringBuilder();
    ByteBuf last = Unpooled.EMPTY_BUFFER;
    for (int i = 0; i < 200; i++) {
      String piece = Integer.toString(i).repeat(random.nextInt(1, i % 10 == 0 ? 5_000 : 50));
      sent.append(piece);
      last = Unpooled.copiedBuffer(piece, StandardCharsets.US_ASCII);
      bodyAssembler.add(last);
    }

    assertThat(bodyAssembler.bytes()).isEqualTo(sent.length());
    ByteBuf whole = bodyAssembler.take();
    assertThat(whole.toString(StandardCharsets.US_ASCII)).isEqualTo(sent.toString());
    whole.release();
    assertThat(last.refCnt()).isZero();
  }
}
