// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.RequestHandler;
import dev.weir.gateway.exchange.RequestHead;
import dev.weir.gateway.exchange.load.LoopLag;
import dev.weir.testkit.ManualClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestGateTest {
  private static final String POST =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
  private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";

  private final ManualClock clock = new ManualClock();
  private final LoopLag lag = new LoopLag(clock);
  private final Seen seen = new Seen();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final UnreadRequests unreadRequests = new UnreadRequests(channel.eventLoop(), lag, clock);

  /// Answers every request with 200 and records when it arrived.
  private static final class Seen implements RequestHandler, RequestHandler.BodyReader {
    private final List<Long> heads = new ArrayList<>();
    private final List<Long> bodies = new ArrayList<>();
    private long deadlineNanos = Long.MAX_VALUE / 2;
    private @Nullable ClientStream client;

    @Override
    public Next head(RequestHead head, ClientStream stream) {
      heads.add(head.arrivedNanos());
      client = stream;
      return new Next.ReadBody(this);
    }

    @Override
    public void body(ByteBuf body, long arrivedNanos) {
      bodies.add(arrivedNanos);
      body.release();
      ClientStream answered = Objects.requireNonNull(client);
      answered.deadline(deadlineNanos);
      answered.answer(200, new DefaultHttpHeaders(), Unpooled.EMPTY_BUFFER);
    }

    @Override
    public void failed(Failure failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void malformed(ClientStream stream, Failure failure) {
      throw new AssertionError(failure);
    }

    @Override
    public ByteBuf overloaded(ByteBufAllocator allocator, ByteBuf request, long nanos) {
      return text("refused");
    }
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private void accepted(long acceptedNanos) {
    BodyMemory memory = new BodyMemory(1_000, clock);
    ClientConnection connection =
        new ClientConnection(
            channel,
            ListenerLimits.DEFAULT,
            memory,
            seen,
            () -> false,
            OptionalLong.empty(),
            acceptedNanos,
            clock);
    StrictRequestDecoder decoder = new StrictRequestDecoder(ListenerLimits.DEFAULT);
    channel
        .pipeline()
        .addLast(new RequestGate(connection, decoder, unreadRequests, clock))
        .addLast(decoder)
        .addLast(new HttpResponseEncoder())
        .addLast(connection);
    channel.pipeline().fireChannelActive();
  }

  private void ticks(int count, long millisApart) {
    for (int i = 0; i < count; i++) {
      clock.advance(Duration.ofMillis(millisApart));
      unreadRequests.tick();
    }
  }

  /// Delivers bytes without running the next tasks of the loop.
  private void read(String text) {
    channel.pipeline().fireChannelRead(text(text));
  }

  private String written() {
    StringBuilder all = new StringBuilder();
    ByteBuf next = channel.readOutbound();
    while (next != null) {
      all.append(next.toString(StandardCharsets.US_ASCII));
      next.release();
      next = channel.readOutbound();
    }
    return all.toString();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void deadlines_of_a_first_request_start_when_the_connection_is_accepted() {
    ticks(1, 3_000);
    accepted(Duration.ofSeconds(1).toNanos());

    read(POST);
    channel.runPendingTasks();

    assertThat(seen.heads).containsExactly(Duration.ofSeconds(1).toNanos());
    assertThat(seen.bodies).containsExactly(Duration.ofSeconds(1).toNanos());
  }

  @Test
  void deadlines_of_a_later_request_start_when_its_first_byte_can_have_arrived() {
    accepted(0);
    ticks(3, 50);
    read(POST);
    ticks(3, 50);
    long before = clock.getAsLong();
    ticks(1, 2_000);

    read(POST);
    channel.runPendingTasks();

    assertThat(seen.heads).hasSize(2).last().isEqualTo(before);
  }

  @Test
  void a_request_on_an_idle_connection_starts_when_it_arrives() {
    accepted(0);
    ticks(20, 50);

    read(POST);

    assertThat(seen.heads).containsExactly(clock.getAsLong());
  }

  @Test
  void a_late_loop_checks_whether_the_client_has_disconnected_before_it_reads_a_request() {
    accepted(0);
    ticks(2, 400);

    read(POST);
    channel.pipeline().fireChannelInactive(); // like epoll, in the turn that read the bytes
    channel.runPendingTasks();

    assertThat(seen.heads).isEmpty();
    assertThat(lag.clientsLeft()).isEqualTo(1);
  }

  @Test
  void a_late_loop_answers_clients_that_are_still_connected() {
    accepted(0);
    ticks(2, 400);

    read(POST);
    assertThat(seen.heads).isEmpty();
    channel.runPendingTasks();

    assertThat(written()).startsWith("HTTP/1.1 200");
  }

  @Test
  void a_body_that_arrives_while_its_head_is_held_stays_in_order() {
    accepted(0);
    ticks(2, 400);

    read(POST.substring(0, POST.length() - 2));
    read("{}");
    channel.runPendingTasks();

    assertThat(written()).startsWith("HTTP/1.1 200");
  }

  @Test
  void an_overloaded_loop_refuses_before_it_reads_and_closes() {
    accepted(0);
    ticks(6, 1_200);

    read(POST);
    channel.runPendingTasks();

    assertThat(seen.heads).isEmpty();
    assertThat(written()).isEqualTo("refused");
    assertThat(lag.shed()).isEqualTo(1);
    assertThat(channel.isActive()).isFalse();
  }

  @Test
  void an_overloaded_loop_still_answers_health_checks() {
    accepted(0);
    ticks(6, 1_200);

    read(HEALTH);

    assertThat(written()).startsWith("HTTP/1.1 200");
  }

  @Test
  void an_answer_that_is_produced_long_after_the_deadline_is_not_sent() {
    accepted(0);
    ticks(20, 50);
    seen.deadlineNanos = clock.getAsLong() - Duration.ofSeconds(1).toNanos();

    read(POST);

    assertThat(written()).isEmpty();
    assertThat(channel.isActive()).isFalse();
  }

  @Test
  void a_drain_waits_for_a_request_that_is_held() {
    accepted(0);
    ticks(2, 400);

    read(POST);
    channel.pipeline().fireUserEventTriggered(Listener.Drain.NOW);
    channel.runPendingTasks();

    assertThat(written()).startsWith("HTTP/1.1 200");
  }
}
