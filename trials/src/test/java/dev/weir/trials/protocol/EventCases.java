// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import static dev.weir.trials.protocol.Answers.DONE;
import static dev.weir.trials.protocol.Answers.event;
import static dev.weir.trials.protocol.EngineCase.Outcome.BROKEN;
import static dev.weir.trials.protocol.EngineCase.Outcome.CUT;
import static dev.weir.trials.protocol.EngineCase.Outcome.EVENTS;
import static dev.weir.trials.protocol.EngineCase.Outcome.FAILED;
import static dev.weir.trials.protocol.EngineCase.Outcome.OWN;

import dev.weir.trials.protocol.EngineCase.Outcome;
import dev.weir.trials.protocol.HostileEngine.Call;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Engines whose streams of events are written in a strange way, wrong, or without end.
final class EventCases {
  private static final String END = event("", "stop") + DONE;
  private static final int MEBIBYTE = 1024 * 1024;

  private final boolean full;
  private final List<EngineCase> all = new ArrayList<>();

  EventCases(boolean full) {
    this.full = full;
  }

  List<EngineCase> all() {
    strange();
    framing();
    wrong();
    large();
    return all;
  }

  /// The stream as one text that knows the nonce, in chunks of a thousand bytes.
  private void says(String name, Function<String, String> text, Outcome... right) {
    all.add(
        EngineCase.events(
            name,
            call -> {
              call.readBody();
              call.say(Answers.EVENTS_HEAD);
              for (String piece : pieces(text.apply(call.nonce()))) {
                call.chunk(piece);
              }
              call.say("0\r\n\r\n");
              return true;
            },
            right));
  }

  private static List<String> pieces(String text) {
    List<String> pieces = new ArrayList<>();
    for (int i = 0; i < text.length(); i += 1000) {
      pieces.add(text.substring(i, Math.min(text.length(), i + 1000)));
    }
    return pieces;
  }

  private static String good(String nonce) {
    return event(nonce, null) + END;
  }

  private void strange() {
    says("events as they should be", EventCases::good, EVENTS);
    says("lines that end in CRLF", nonce -> good(nonce).replace("\n", "\r\n"), EVENTS);
    says("lines that end in CR", nonce -> good(nonce).replace("\n", "\r"), EVENTS, FAILED);
    says("line ends mixed", nonce -> event(nonce, null).replace("\n\n", "\r\n\n") + END, EVENTS);
    says("a mark before the first event", nonce -> "\u00ef\u00bb\u00bf" + good(nonce), EVENTS);
    says("comments", nonce -> ": hello\n\n:\n\n" + event(nonce, null) + ":x\n" + END, EVENTS);
    says(
        "names, ids and times to come back",
        nonce -> "event: message\nid: 7\nretry: 1000\n" + good(nonce),
        EVENTS);
    says("no space after the colon", nonce -> good(nonce).replace("data: {", "data:{"), EVENTS);
    says(
        "data in many lines",
        nonce -> event(nonce, null).replace(",\"", ",\ndata: \"") + END,
        EVENTS);
    says("empty lines first", nonce -> "\n\n\r\n\n" + good(nonce), EVENTS);
    says("an empty event", nonce -> "data:\n\ndata: \n\n" + good(nonce), EVENTS);
    says("no end mark", nonce -> event(nonce, null) + event("", "stop"), EVENTS);
    says("events behind the end mark", nonce -> good(nonce) + event("planted", null), EVENTS);
    says("100,000 comments first", nonce -> ": x\n\n".repeat(100_000) + good(nonce), EVENTS);
    says("10,000 events", nonce -> event(nonce, null).repeat(10_000) + END, EVENTS);
    says("an event of unknown fields", EventCases::rich, EVENTS);
    says("counts that cannot be", EventCases::counted, EVENTS, BROKEN);
  }

  private static String rich(String nonce) {
    String more = ",\"x\":[{\"error\":1},\"[DONE]\",1e400],\"y\":{\"choices\":[]}}\n\n";
    return event(nonce, null).replace("}\n\n", more).replace("\"error\"", "\"mistake\"") + END;
  }

  private static String counted(String nonce) {
    String usage =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":-9223372036854775808,"
            + "\"completion_tokens\":9223372036854775807}}\n\n";
    return event(nonce, null) + event("", "stop") + usage + DONE;
  }

  private void framing() {
    all.add(EngineCase.events("events in chunks of a byte", EventCases::single, EVENTS));
    all.add(EngineCase.events("events with a length", EventCases::measured, EVENTS));
    all.add(EngineCase.events("events that end with their connection", EventCases::open, EVENTS));
    all.add(EngineCase.events("an answer that is no stream", EventCases::whole, OWN));
    all.add(EngineCase.whole("events for a request without streaming", EventCases::open, EVENTS));
    all.add(EngineCase.events("events and another answer", EventCases::planted, EVENTS));
    all.add(EngineCase.events("events in gzip", EventCases::zipped, FAILED));
    all.add(
        EngineCase.events(
            "a mebibyte and more without an end in chunks of a byte",
            EventCases::slow,
            CUT,
            FAILED));
  }

  private static boolean single(Call call) throws IOException {
    call.readBody();
    call.say(Answers.EVENTS_HEAD);
    call.say(AnswerCases.single(good(call.nonce())) + "0\r\n\r\n");
    return true;
  }

  private static boolean measured(Call call) throws IOException {
    call.readBody();
    call.answer("200 OK", "content-type: text/event-stream\r\n", good(call.nonce()));
    return true;
  }

  private static boolean open(Call call) throws IOException {
    call.readBody();
    call.say("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + good(call.nonce()));
    return false;
  }

  private static boolean whole(Call call) throws IOException {
    call.readBody();
    call.answer("200 OK", "content-type: application/json\r\n", Answers.whole(call.nonce()));
    return true;
  }

  private static boolean planted(Call call) throws IOException {
    call.readBody();
    String body = Answers.whole("planted");
    call.say(
        Answers.EVENTS_HEAD
            + AnswerCases.single(good(call.nonce()))
            + "0\r\n\r\nHTTP/1.1 200 OK\r\nx-weir-planted: yes\r\n"
            + Call.length(body)
            + "\r\n"
            + body);
    return true;
  }

  private static boolean zipped(Call call) throws IOException {
    call.readBody();
    call.answer(
        "200 OK",
        "content-type: text/event-stream\r\ncontent-encoding: gzip\r\n",
        "\u001f\u008b\u0008\u0000\u0000\u0000\u0000\n\n");
    return true;
  }

  /// Data that arrives byte by byte must not be copied for each byte.
  private static boolean slow(Call call) throws IOException {
    call.readBody();
    call.say(Answers.EVENTS_HEAD);
    String thousand = "1\r\nx\r\n".repeat(1000);
    call.chunk("data: ");
    for (int i = 0; i < MEBIBYTE / 1000 + 50; i++) {
      call.say(thousand);
    }
    return false;
  }

  private void wrong() {
    says("bytes that are no event", nonce -> event(nonce, null) + "rubbish\n\n" + END, BROKEN);
    says("an event that is no JSON", nonce -> event(nonce, null) + "data: {x\n\n" + END, BROKEN);
    says("NULs", nonce -> event(nonce, null) + "data: \u0000\u0000\n\n" + END, BROKEN);
    says("bad UTF-8", nonce -> event(nonce, null) + event("\u00c3(", null) + END, BROKEN, EVENTS);
    says("an end without a reason", nonce -> event(nonce, null) + DONE, BROKEN);
    says("no end", nonce -> event(nonce, null), BROKEN);
    says("only an end", _ -> DONE, FAILED);
    says("nothing", _ -> "", FAILED);
    says(
        "JSON 10,000 deep",
        nonce ->
            event(nonce, null)
                + "data: {\"x\":"
                + "[".repeat(10_000)
                + "]".repeat(10_000)
                + "}\n\n"
                + END,
        BROKEN);
    broken("a chunk of nonsense", call -> call.say("zz\r\nx\r\n"));
    broken("a cut", _ -> {});
    broken("another head", call -> call.say("HTTP/1.1 200 OK\r\n\r\n"));
  }

  /// Something that follows the first event.
  private void broken(String name, Ending ending) {
    all.add(
        EngineCase.events(
            name + " in a stream",
            call -> {
              call.readBody();
              call.say(Answers.EVENTS_HEAD);
              call.chunk(event(call.nonce(), null));
              ending.play(call);
              return false;
            },
            BROKEN));
  }

  @FunctionalInterface
  private interface Ending {
    void play(Call call) throws IOException;
  }

  private void large() {
    int mebibytes = full ? 100 : 30;
    all.add(
        EngineCase.events(
            "an event of " + mebibytes + " MiB",
            call -> {
              call.readBody();
              call.say(Answers.EVENTS_HEAD);
              call.chunk("data: {\"x\":\"" + call.nonce());
              String mebibyte = "a".repeat(MEBIBYTE);
              for (int i = 0; i < mebibytes; i++) {
                call.chunk(mebibyte);
              }
              call.chunk("\"}\n\n" + END);
              call.say("0\r\n\r\n");
              return true;
            },
            EVENTS,
            BROKEN));
    says(
        "an event of 900,000 bytes",
        nonce -> event(nonce, null) + event("a".repeat(900_000), null) + END,
        EVENTS);
  }
}
