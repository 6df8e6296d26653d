// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.coverage;

import dev.weir.gateway.dialect.ApiFamily;
import dev.weir.gateway.exchange.AttemptControl;
import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.answer.ResumeConstraints;
import dev.weir.gateway.exchange.answer.Timeline;
import dev.weir.gateway.exchange.answer.Transcript;
import dev.weir.gateway.relay.Relay;
import dev.weir.gateway.relay.RelayJob;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Arrays;
import java.util.Optional;

/// Relays a stream of events. The first byte names the API family, the second says where the bytes
/// are cut.
public final class EventsTarget {
  private EventsTarget() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 3) {
      return;
    }
    ApiFamily[] families = ApiFamily.values();
    ApiFamily family = families[(input[0] & 0xff) % families.length];
    byte[] bytes = Arrays.copyOfRange(input, 2, input.length);
    int cut = (input[1] & 0xff) * bytes.length / 256;
    String whole = new Seen(family).relay(bytes, bytes.length);
    String pieces = new Seen(family).relay(bytes, cut);
    if (!whole.equals(pieces)) {
      throw new IllegalStateException("cut at " + cut + ": " + whole + " / " + pieces);
    }
  }

  /// The bytes that the client got, and how the answer ended.
  private static final class Seen implements AttemptControl {
    private final ApiFamily family;
    private final Listening client = new Listening();
    private final Timeline timeline = new Timeline(0);
    private final Transcript transcript;
    private String ending = "none";
    private int endings;

    Seen(ApiFamily family) {
      this.family = family;
      this.transcript = new Transcript(family.continuable(), ResumeConstraints.NONE);
    }

    String relay(byte[] bytes, int cut) {
      Relay relay = new Relay(job());
      relay.control(this);
      HttpHeaders headers = new DefaultHttpHeaders();
      headers.set("content-type", "text/event-stream");
      relay.head(200, headers);
      feed(relay, Arrays.copyOfRange(bytes, 0, cut));
      feed(relay, Arrays.copyOfRange(bytes, cut, bytes.length));
      relay.complete();
      if (endings != 1) {
        throw new IllegalStateException("it ended " + endings + " times");
      }
      if (timeline.promptTokens() < 0 || timeline.outputTokens() < 0) {
        throw new IllegalStateException("less than nothing was counted");
      }
      return client.got() + ending + timeline.promptTokens() + "/" + timeline.outputTokens();
    }

    private void feed(Relay relay, byte[] bytes) {
      if (bytes.length > 0 && endings == 0) {
        relay.body(Unpooled.wrappedBuffer(bytes));
        relay.readComplete();
      }
    }

    private RelayJob job() {
      return new RelayJob(
          client,
          family.stream(),
          transcript,
          timeline,
          false,
          false,
          (_, _) -> new DefaultHttpHeaders(),
          (_, _) -> Optional.empty(),
          _ -> false,
          _ -> false,
          () -> {},
          this::ended,
          () -> 0);
    }

    private void ended(AttemptResult how) {
      endings++;
      ending =
          switch (how) {
            case AttemptResult.Complete complete -> "complete " + complete.status();
            case AttemptResult.FailedBeforeFirstByte failed -> "failed " + failed.failure().kind();
            case AttemptResult.CutMidStream cut -> "cut " + cut.failure().kind();
            case AttemptResult.Broken broken -> "broken " + broken.failure().kind();
            case AttemptResult.Cancelled _ -> "cancelled";
          };
    }

    @Override
    public void progress() {}

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public void cancel() {}
  }
}
