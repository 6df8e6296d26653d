// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.coverage;

import dev.weir.gateway.dialect.ApiFamily;
import dev.weir.gateway.dialect.RequestBodyReader;
import dev.weir.gateway.dialect.RequestBodyWriter;
import dev.weir.gateway.exchange.ParsedRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/// Reads what a body asks for, and names another model in it: nothing but the model may change.
public final class BodyTarget {
  private static final String FORM = "multipart/form-data; boundary=b";

  private BodyTarget() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    ApiFamily[] families = ApiFamily.values();
    ApiFamily family = families[(input[0] & 0x7f) % families.length];
    String type = input[0] < 0 ? FORM : "application/json";
    ByteBuf body = Unpooled.wrappedBuffer(Arrays.copyOfRange(input, 1, input.length));
    if (RequestBodyReader.read(family, type, body)
        instanceof RequestBodyReader.Result.Read(ParsedRequest parsedRequest)) {
      renamed(family, type, body, parsedRequest);
    }
  }

  private static void renamed(
      ApiFamily family, String type, ByteBuf body, ParsedRequest parsedRequest) {
    ByteBuf sent = RequestBodyWriter.body(body, parsedRequest, "another");
    if (!(RequestBodyReader.read(family, type, sent)
        instanceof RequestBodyReader.Result.Read(ParsedRequest again))) {
      throw new IllegalStateException("what was renamed cannot be read any more");
    }
    boolean same =
        again.model().equals("another")
            && again.stream() == parsedRequest.stream()
            && again.continuable() == parsedRequest.continuable()
            && again.resumeConstraints().equals(parsedRequest.resumeConstraints());
    if (!same) {
      throw new IllegalStateException(
          "renamed it asks for something else: " + parsedRequest + " / " + again);
    }
  }
}
