// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.trace;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.SplittableRandom;

/// Converts a trace into requests: which are streamed, which are chats, and the lengths of prompts
/// and answers. Arrivals and other draws come from separate streams of the seed, so that a changed
/// share does not change the arrivals.
///
/// @param trace source of the arrivals
/// @param seed same seed, same requests
/// @param shape of the requests
public record TracePlan(TraceSpec trace, long seed, Shape shape) {
  private static final long SHAPE_STREAM = 0x632BE59BD9B4E019L;

  /// The shape of the requests.
  ///
  /// @param streamedShare share of requests whose answer is streamed
  /// @param chatShare share of chats; the rest are plain completions
  /// @param answerScale factor on the trace's answer lengths
  /// @param promptTokensMax longer prompts are truncated to this length
  public record Shape(
      double streamedShare, double chatShare, double answerScale, int promptTokensMax) {
    public Shape {
      boolean shares = inUnit(streamedShare) && inUnit(chatShare);
      if (!shares || !(answerScale > 0) || promptTokensMax < 1) {
        throw new IllegalArgumentException(
            "streamed share "
                + streamedShare
                + " and chat share "
                + chatShare
                + " must be from 0 to 1, answer scale "
                + answerScale
                + " above 0, prompt tokens at most "
                + promptTokensMax
                + " above 0");
      }
    }

    private static boolean inUnit(double share) {
      return share >= 0 && share <= 1;
    }
  }

  /// The requests in order of time; endless for a fitted trace.
  public Iterator<PlannedRequest> requests() {
    Iterator<Arrival> arrivals = trace.arrivals(seed);
    SplittableRandom random = new SplittableRandom(seed ^ SHAPE_STREAM);
    return new Iterator<>() {
      private long index;

      @Override
      public boolean hasNext() {
        return arrivals.hasNext();
      }

      @Override
      public PlannedRequest next() {
        return request(index++, arrivals.next(), random);
      }
    };
  }

  private PlannedRequest request(long index, Arrival arrival, SplittableRandom random) {
    boolean streamed = random.nextDouble() < shape.streamedShare();
    boolean chat = random.nextDouble() < shape.chatShare();
    long answer = Math.max(1, Math.round(arrival.outputTokens() * shape.answerScale()));
    return new PlannedRequest(
        index,
        arrival.atNanos(),
        Math.min(arrival.inputTokens(), shape.promptTokensMax()),
        (int) Math.min(answer, Integer.MAX_VALUE),
        chat,
        streamed,
        random.nextLong());
  }

  /// SHA-256 over the first `count` requests (or all, if there are fewer): equal digests mean equal
  /// plans.
  public String digest(int count) {
    MessageDigest sha = sha256();
    Iterator<PlannedRequest> requests = requests();
    for (int done = 0; done < count && requests.hasNext(); done++) {
      PlannedRequest next = requests.next();
      ByteBuffer bytes = ByteBuffer.allocate(40);
      bytes.putLong(next.index()).putLong(next.atNanos()).putInt(next.promptTokens());
      bytes.putInt(next.maxTokens()).putLong(next.promptSeed());
      bytes.putInt((next.chat() ? 2 : 0) + (next.streamed() ? 1 : 0));
      sha.update(bytes.array());
    }
    return HexFormat.of().formatHex(sha.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }
}
