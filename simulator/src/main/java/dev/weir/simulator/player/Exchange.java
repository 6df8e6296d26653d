// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One request in flight: the request, the arrival times of the answer's pieces, and its judge.
/// Ends once.
final class Exchange {
  private static final String VERSION = "x-weir-version";

  private final PlayerRequest playerRequest;
  private final String requestId;
  private final long plannedNanos;
  private final LongSupplier nanoTime;
  private final UnaryOperator<String> versionNamed;
  private final BiConsumer<Exchange, AnswerVerdict> onEnd;
  private final AnswerJudge judge;
  private long[] gaps = new long[32];
  private int gapCount;
  private String version = "";
  private int attempts = 1;
  private boolean resumed;
  private boolean wrongId;
  private boolean ended;
  private long firstNanos;
  private long lastNanos;
  private long endNanos;
  private @Nullable Channel channel;

  /// @param plannedNanos planned send time on the clock of `nanoTime`
  /// @param check how strictly the answer is checked
  /// @param versionNamed converts the version header (or `""`) into a version
  /// @param onEnd receives the verdict, once
  Exchange(
      PlayerRequest playerRequest,
      String requestId,
      long plannedNanos,
      LongSupplier nanoTime,
      AnswerCheck check,
      UnaryOperator<String> versionNamed,
      BiConsumer<Exchange, AnswerVerdict> onEnd) {
    this.playerRequest = playerRequest;
    this.requestId = requestId;
    this.plannedNanos = plannedNanos;
    this.nanoTime = nanoTime;
    this.versionNamed = versionNamed;
    this.onEnd = onEnd;
    this.judge = new AnswerJudge(playerRequest, check, this::pieceArrived);
  }

  private void pieceArrived() {
    long now = nanoTime.getAsLong();
    if (firstNanos == 0) {
      firstNanos = now;
    } else {
      if (gapCount == gaps.length) {
        gaps = Arrays.copyOf(gaps, 2 * gapCount);
      }
      gaps[gapCount++] = now - lastNanos;
    }
    lastNanos = now;
  }

  void head(HttpResponse response) {
    HttpHeaders headers = response.headers();
    version = versionNamed.apply(headers.get(VERSION, ""));
    attempts = attempts(headers.get("x-weir-attempts", "1"));
    resumed |= headers.contains("x-weir-resumed");
    wrongId = !headers.get("x-request-id", requestId).equals(requestId);
    judge.head(response.status().code(), headers.get("content-type", ""), version);
  }

  private static int attempts(String header) {
    return header.matches("[0-9]{1,4}") ? Integer.parseInt(header) : 1;
  }

  void body(ByteBuf bytes) {
    judge.body(bytes);
  }

  /// A queued stream starts before a version handles it, so its version arrives in the trailers.
  void trailers(HttpHeaders trailers) {
    resumed |= trailers.contains("x-weir-resumed");
    String late = trailers.get(VERSION);
    if (late != null) {
      version = versionNamed.apply(late);
      judge.answeredBy(version);
    }
  }

  void end() {
    AnswerVerdict verdict = judge.end();
    end(
        wrongId && verdict instanceof AnswerVerdict.Ok
            ? AnswerVerdict.harmed("foreign x-request-id")
            : verdict);
  }

  void broken(String reason) {
    end(judge.broken(reason));
  }

  private void end(AnswerVerdict verdict) {
    if (!ended) {
      ended = true;
      endNanos = nanoTime.getAsLong();
      onEnd.accept(this, verdict);
    }
  }

  void sentOn(Channel connection) {
    channel = connection;
  }

  /// The connection on which it was sent; null before.
  @Nullable Channel channel() {
    return channel;
  }

  boolean ended() {
    return ended;
  }

  PlayerRequest playerRequest() {
    return playerRequest;
  }

  String requestId() {
    return requestId;
  }

  String version() {
    return version;
  }

  boolean streamed() {
    return playerRequest.planned().streamed();
  }

  boolean resumed() {
    return resumed;
  }

  int attempts() {
    return attempts;
  }

  double plannedSeconds() {
    return playerRequest.planned().atNanos() / 1e9;
  }

  long ttftNanos() {
    return (firstNanos == 0 ? endNanos : firstNanos) - plannedNanos;
  }

  long endToEndNanos() {
    return endNanos - plannedNanos;
  }

  void forEachGap(LongConsumer gap) {
    for (int index = 0; index < gapCount; index++) {
      gap.accept(gaps[index]);
    }
  }
}
