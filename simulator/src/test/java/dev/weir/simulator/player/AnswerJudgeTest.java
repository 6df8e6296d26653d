// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.simulator.answer.AnswerOracle.Expected;
import dev.weir.simulator.trace.PlannedRequest;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AnswerJudgeTest {
  private static final PlayerRequest STREAMED =
      PlayerRequest.of(new PlannedRequest(0, 0, 20, 6, true, true, 9));
  private static final PlayerRequest WHOLE =
      PlayerRequest.of(new PlannedRequest(0, 0, 20, 6, false, false, 9));
  private static final Expected RIGHT = STREAMED.expected("1");

  @Test
  void a_correct_stream_is_ok_and_every_piece_is_reported() {
    AtomicInteger pieces = new AtomicInteger();
    AnswerJudge judge = new AnswerJudge(STREAMED, AnswerCheck.SIMULATED, pieces::incrementAndGet);
    judge.head(200, "text/event-stream; charset=utf-8", "1");
    feed(judge, stream());
    assertThat(judge.end()).isEqualTo(new AnswerVerdict.Ok());
    assertThat(pieces).hasValue(6);
  }

  @Test
  void bytes_may_arrive_in_pieces_of_any_size() {
    AnswerJudge judge = judge("1");
    for (byte each : stream().getBytes(StandardCharsets.UTF_8)) {
      judge.body(Unpooled.wrappedBuffer(new byte[] {each}));
    }
    assertThat(judge.end()).isEqualTo(new AnswerVerdict.Ok());
  }

  @Test
  void a_correct_whole_answer_is_ok() {
    assertThat(whole(body(WHOLE.expected("1").text()))).isEqualTo(new AnswerVerdict.Ok());
  }

  @Test
  void another_versions_answer_is_harm() {
    AnswerJudge judge = judge("2");
    feed(judge, stream());
    assertThat(judge.end()).isEqualTo(AnswerVerdict.harmed("wrong text"));
  }

  @Test
  void a_version_that_is_reported_at_the_end_decides_about_the_answer() {
    List<AnswerVerdict> verdicts = new ArrayList<>();
    Exchange exchange =
        new Exchange(
            STREAMED,
            "r",
            0,
            () -> 1,
            AnswerCheck.SIMULATED,
            header -> header,
            (_, v) -> verdicts.add(v));
    DefaultHttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set("content-type", "text/event-stream");
    exchange.head(head);
    exchange.body(Unpooled.copiedBuffer(stream(), StandardCharsets.UTF_8));
    exchange.trailers(new DefaultHttpHeaders().set("x-weir-version", "1"));
    exchange.end();
    assertThat(verdicts).containsExactly(new AnswerVerdict.Ok());
    assertThat(exchange.version()).isEqualTo("1");
  }

  @Test
  void one_changed_letter_is_harm() {
    assertHarm(stream().replace(RIGHT.text().substring(10, 15), " zzzz"), "wrong text");
  }

  @Test
  void a_missing_or_duplicate_token_is_harm() {
    String token = RIGHT.text().substring(10, 15);
    String event = chunk("\"content\":\"" + token + "\"", "null");
    assertHarm(stream().replace(event, ""), "wrong text");
    assertHarm(stream().replace(event, event + event), "wrong text");
  }

  @Test
  void an_answer_that_claims_to_be_complete_too_early_is_truncated() {
    String last = chunk("\"content\":\"" + RIGHT.text().substring(25) + "\"", "\"length\"");
    assertHarm(stream().replace(last, chunk("\"content\":\"\"", "\"stop\"")), "truncated answer");
  }

  @Test
  void an_empty_answer_is_harm() {
    assertHarm(chunk("\"content\":\"\"", "\"stop\"") + "data: [DONE]\n\n", "empty answer");
    assertThat(whole(body(""))).isEqualTo(AnswerVerdict.harmed("empty answer"));
  }

  @Test
  void a_wrong_finish_usage_or_id_is_harm() {
    assertHarm(stream().replace("\"length\"", "\"stop\""), "wrong finish_reason");
    assertHarm(
        stream().replace("\"completion_tokens\":6", "\"completion_tokens\":5"), "wrong usage");
    assertHarm(stream().replaceFirst("\"a\"", "\"b\""), "id changed or missing");
  }

  @Test
  void an_answer_of_an_unknown_engine_only_needs_to_be_well_formed() {
    String other = stream().replace(RIGHT.text().substring(10, 15), " zzzz");
    assertThat(wellFormed(other)).isEqualTo(new AnswerVerdict.Ok());
    assertThat(wellFormed(other.replace("\"length\"", "null")))
        .isEqualTo(AnswerVerdict.harmed("no finish_reason"));
    assertThat(wellFormed(other.replace("data: [DONE]\n\n", "")))
        .isEqualTo(AnswerVerdict.failed("stream ended without [DONE]"));
  }

  private static AnswerVerdict wellFormed(String stream) {
    AnswerJudge judge = new AnswerJudge(STREAMED, AnswerCheck.WELL_FORMED, () -> {});
    judge.head(200, "text/event-stream", "chat@1");
    feed(judge, stream);
    return judge.end();
  }

  @Test
  void a_stream_without_done_is_a_failure() {
    assertFailure(stream().replace("data: [DONE]\n\n", ""), "stream ended without [DONE]");
  }

  @Test
  void an_error_event_is_a_failure_also_before_done() {
    assertFailure("data: {\"error\":{\"message\":\"x\"}}\n\ndata: [DONE]\n\n", "error event");
  }

  @Test
  void malformed_json_and_events_after_done_are_failures() {
    assertFailure("data: {\n\n" + stream(), "malformed JSON");
    assertFailure(stream() + "data: {}\n\n", "event after [DONE]");
  }

  @Test
  void a_status_other_than_2xx_is_a_failure_whatever_the_body() {
    AnswerJudge judge = new AnswerJudge(STREAMED, AnswerCheck.SIMULATED, () -> {});
    judge.head(503, "application/json", "1");
    feed(judge, "{}");
    assertThat(judge.end()).isEqualTo(AnswerVerdict.failed("status 503"));
  }

  @Test
  void a_broken_connection_is_a_failure() {
    AnswerJudge judge = judge("1");
    feed(judge, stream().substring(0, 200));
    assertThat(judge.broken("connection closed"))
        .isEqualTo(AnswerVerdict.failed("connection closed"));
  }

  private static void assertHarm(String stream, String reason) {
    AnswerJudge judge = judge("1");
    feed(judge, stream);
    assertThat(judge.end()).isEqualTo(AnswerVerdict.harmed(reason));
  }

  private static void assertFailure(String stream, String reason) {
    AnswerJudge judge = judge("1");
    feed(judge, stream);
    assertThat(judge.end()).isEqualTo(AnswerVerdict.failed(reason));
  }

  private static AnswerJudge judge(String version) {
    AnswerJudge judge = new AnswerJudge(STREAMED, AnswerCheck.SIMULATED, () -> {});
    judge.head(200, "text/event-stream", version);
    return judge;
  }

  private static AnswerVerdict whole(String body) {
    AnswerJudge judge = new AnswerJudge(WHOLE, AnswerCheck.SIMULATED, () -> {});
    judge.head(200, "application/json", "1");
    feed(judge, body);
    return judge.end();
  }

  private static void feed(AnswerJudge judge, String text) {
    judge.body(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
  }

  private static String body(String text) {
    Expected right = WHOLE.expected("1");
    return "{\"id\":\"a\",\"choices\":[{\"index\":0,\"text\":\""
        + text
        + "\",\"finish_reason\":\""
        + right.finishReason()
        + "\"}],"
        + usage(right)
        + "}";
  }

  private static String usage(Expected right) {
    return "\"usage\":{\"prompt_tokens\":"
        + right.promptTokens()
        + ",\"completion_tokens\":"
        + right.completionTokens()
        + ",\"total_tokens\":"
        + (right.promptTokens() + right.completionTokens())
        + "}";
  }

  private static String stream() {
    assertThat(RIGHT.finishReason()).isEqualTo("length");
    StringBuilder out = new StringBuilder(chunk("\"role\":\"assistant\",\"content\":\"\"", "null"));
    for (int at = 0; at < 30; at += 5) {
      String reason = at == 25 ? "\"length\"" : "null";
      out.append(chunk("\"content\":\"" + RIGHT.text().substring(at, at + 5) + "\"", reason));
    }
    out.append("data: {\"id\":\"a\",\"choices\":[],").append(usage(RIGHT)).append("}\n\n");
    return out.append("data: [DONE]\n\n").toString();
  }

  private static String chunk(String delta, String reason) {
    return "data: {\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{"
        + delta
        + "},\"finish_reason\":"
        + reason
        + "}]}\n\n";
  }
}
