// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.coverage;

import dev.weir.gateway.dialect.AskReader;
import dev.weir.gateway.dialect.AskWriter;
import dev.weir.gateway.dialect.Family;
import dev.weir.gateway.exchange.Ask;
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
    Family[] families = Family.values();
    Family family = families[(input[0] & 0x7f) % families.length];
    String type = input[0] < 0 ? FORM : "application/json";
    ByteBuf body = Unpooled.wrappedBuffer(Arrays.copyOfRange(input, 1, input.length));
    if (AskReader.read(family, type, body) instanceof AskReader.Result.Read(Ask ask)) {
      renamed(family, type, body, ask);
    }
  }

  private static void renamed(Family family, String type, ByteBuf body, Ask ask) {
    ByteBuf sent = AskWriter.body(body, ask, "another");
    if (!(AskReader.read(family, type, sent) instanceof AskReader.Result.Read(Ask again))) {
      throw new IllegalStateException("what was renamed cannot be read any more");
    }
    boolean same =
        again.model().equals("another")
            && again.stream() == ask.stream()
            && again.continuable() == ask.continuable()
            && again.terms().equals(ask.terms());
    if (!same) {
      throw new IllegalStateException("renamed it asks for something else: " + ask + " / " + again);
    }
  }
}
