// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.gateway.dialect.ErrorBody;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.load.RetryAfter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The refusal of a gateway that is short of CPU, prebuilt for each API family. Only the request id
/// and `Retry-After` are filled in.
final class OverloadAnswer {
  private static final String ID = "req-0123456789abcdef";
  private static final String DIGITS = ID.substring(4);
  private static final byte[] STATUS =
      "HTTP/1.1 503 Service Unavailable\r\nretry-after: ".getBytes(US_ASCII);
  private static final byte[] MESSAGES = "POST /v1/messages".getBytes(US_ASCII);
  private static final Failure FAILURE =
      new Failure(
          Failure.Kind.GATEWAY_OVERLOADED,
          "this gateway is short of CPU and did not read the request");
  private static final byte[] OPENAI = made(false);
  private static final byte[] ANTHROPIC = made(true);
  private static final int[] OPENAI_IDS = ids(OPENAI);
  private static final int[] ANTHROPIC_IDS = ids(ANTHROPIC);

  private OverloadAnswer() {}

  private static byte[] made(boolean anthropic) {
    byte[] body = ErrorBody.of(anthropic, FAILURE, ID);
    String head =
        "\r\nx-request-id: "
            + ID
            + (anthropic ? "\r\nrequest-id: " + ID : "")
            + "\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: "
            + body.length
            + "\r\n\r\n";
    return (head + new String(body, US_ASCII)).getBytes(US_ASCII);
  }

  /// Offsets of the request id's digits.
  private static int[] ids(byte[] made) {
    String text = new String(made, US_ASCII);
    return Pattern.compile(DIGITS).matcher(text).results().mapToInt(MatchResult::start).toArray();
  }

  /// @param request whose first bytes are known
  /// @param nanos after which the client may retry
  static ByteBuf to(
      ByteBufAllocator allocator, ByteBuf request, long nanos, RandomGenerator random) {
    boolean anthropic = begins(request, MESSAGES);
    byte[] made = anthropic ? ANTHROPIC : OPENAI;
    byte[] seconds = RetryAfter.seconds(nanos).getBytes(US_ASCII);
    ByteBuf answer = allocator.ioBuffer(STATUS.length + seconds.length + made.length);
    answer.writeBytes(STATUS).writeBytes(seconds);
    int start = answer.writerIndex();
    answer.writeBytes(made);
    byte[] digits = HexFormat.of().toHexDigits(random.nextLong()).getBytes(US_ASCII);
    for (int id : anthropic ? ANTHROPIC_IDS : OPENAI_IDS) {
      answer.setBytes(start + id, digits);
    }
    return answer;
  }

  private static boolean begins(ByteBuf request, byte[] with) {
    if (request.readableBytes() < with.length) {
      return false;
    }
    for (int i = 0; i < with.length; i++) {
      if (request.getByte(request.readerIndex() + i) != with[i]) {
        return false;
      }
    }
    return true;
  }
}
