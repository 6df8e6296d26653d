// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import static dev.weir.trials.protocol.EngineCase.Outcome.CUT;
import static dev.weir.trials.protocol.EngineCase.Outcome.EMPTY;
import static dev.weir.trials.protocol.EngineCase.Outcome.FAILED;
import static dev.weir.trials.protocol.EngineCase.Outcome.OWN;
import static dev.weir.trials.protocol.EngineCase.Outcome.PASSED;

import dev.weir.trials.protocol.EngineCase.Outcome;
import dev.weir.trials.protocol.HostileEngine.Attack;
import dev.weir.trials.protocol.HostileEngine.Call;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Engines whose whole answers lie about their length, never end, come too early, or are none.
final class AnswerCases {
  private static final String JSON = "content-type: application/json\r\n";
  private static final long SOON_NANOS = 50_000_000;
  private static final int STORM = 10_000;
  private static final int LARGE = 20_000_000;

  private final List<EngineCase> all = new ArrayList<>();

  List<EngineCase> all() {
    lengths();
    chunks();
    heads();
    statuses();
    interim();
    timing();
    sizes();
    return all;
  }

  private void add(String name, Attack attack, Outcome... right) {
    all.add(EngineCase.whole(name, attack, right));
  }

  /// Sends these bytes, with `BODY` replaced by the correct answer, and closes the connection or
  /// not.
  private void says(String name, boolean goesOn, String text, Outcome... right) {
    add(
        name,
        call -> {
          call.readBody();
          call.say(filled(text, call));
          return goesOn;
        },
        right);
  }

  private static String filled(String text, Call call) {
    String body = Answers.whole(call.nonce());
    return text.replace("BODY", body).replace("LENGTH", Integer.toString(body.length()));
  }

  private static String ok(String lines) {
    return "HTTP/1.1 200 OK\r\n" + JSON + lines + "\r\nBODY";
  }

  private static final String RIGHT = "content-length: LENGTH\r\n";

  private void lengths() {
    says("an answer shorter than its length", false, ok("content-length: 5000\r\n"), FAILED);
    says("an answer longer than its length", true, ok("content-length: 2\r\n"), FAILED, EMPTY);
    says("an answer with two lengths", true, ok(RIGHT + "content-length: 2\r\n"), FAILED);
    says("an answer with a list of lengths", true, ok("content-length: LENGTH, 2\r\n"), FAILED);
    says("an answer with a negative length", false, ok("content-length: -2\r\n"), FAILED);
    says("an answer with a length of letters", false, ok("content-length: x\r\n"), FAILED);
    says("an answer that ends with its connection", false, ok(""), OWN);
    says("an answer in HTTP/1.0", false, ok("").replace("HTTP/1.1", "HTTP/1.0"), OWN);
    says("another answer behind the answer", true, ok(RIGHT) + planted(), OWN);
    says("half an answer behind the answer", true, ok(RIGHT) + "HTTP/1.1 200 OK\r\nx:", OWN);
    says("bytes behind the answer", true, ok(RIGHT) + "garbage\r\n\r\n", OWN);
    says("empty lines behind the answer", true, ok(RIGHT) + "\r\n\r\n", OWN);
    says("no answer", false, "", FAILED);
    says(
        "an answer without a body",
        true,
        "HTTP/1.1 200 OK\r\n" + JSON + "content-length: 0\r\n\r\n",
        FAILED,
        EMPTY);
  }

  /// An answer that no request asked for.
  private static String planted() {
    String body = Answers.whole("planted");
    return "HTTP/1.1 200 OK\r\n" + JSON + Call.length(body) + "x-weir-planted: yes\r\n\r\n" + body;
  }

  private void chunks() {
    String head = "HTTP/1.1 200 OK\r\n" + JSON + "transfer-encoding: chunked\r\n";
    says("chunks of nonsense", true, head + "\r\nzz\r\nBODY\r\n0\r\n\r\n", FAILED);
    says("a negative chunk", true, head + "\r\n-5\r\nBODY\r\n0\r\n\r\n", FAILED);
    says("a chunk that is cut", false, head + "\r\nffff\r\nBODY", FAILED);
    says("no last chunk", false, head + "\r\n2\r\n{}\r\n", FAILED);
    says(
        "chunks and a length",
        true,
        head + "content-length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        FAILED);
    says("an unknown coding", false, ok("transfer-encoding: x\r\n"), FAILED, OWN);
    add(
        "an answer in chunks of a byte",
        call -> {
          call.readBody();
          call.say(head + "\r\n");
          call.say(single(Answers.whole(call.nonce())) + "0\r\n\r\n");
          return true;
        },
        OWN);
  }

  static String single(String text) {
    var chunks = new StringBuilder();
    text.chars().forEach(c -> chunks.append("1\r\n").append((char) c).append("\r\n"));
    return chunks.toString();
  }

  private void heads() {
    says("no HTTP", true, "SSH-2.0-OpenSSH_9.9\r\n\r\n", FAILED);
    says("an old radio's answer", false, "ICY 200 OK\r\n\r\nBODY", FAILED);
    says("HTTP/2.0", true, ok(RIGHT).replace("HTTP/1.1", "HTTP/2.0"), FAILED, OWN);
    says("no status", true, ok(RIGHT).replace("200 OK", ""), FAILED);
    says("a header's name with a space", true, ok("a b: c\r\n" + RIGHT), FAILED, OWN);
    says("a header with a NUL", true, ok("a: b\u0000c\r\n" + RIGHT), FAILED);
    says("a header with a bare CR", true, ok("a: b\rx-weir-planted: yes\r\n" + RIGHT), FAILED);
    says("a header that is folded", true, ok("a: b\r\n c\r\n" + RIGHT), FAILED);
    says("Weir's own headers", true, ok("x-weir-planted: yes\r\n" + RIGHT), OWN);
    says(
        "a header of one hop",
        true,
        ok("connection: location\r\nlocation: http://elsewhere\r\n" + RIGHT),
        OWN);
    says("a head of 100,000 bytes", true, ok("a: " + "b".repeat(100_000) + "\r\n" + RIGHT), FAILED);
    add("a head that never ends", call -> endless(call, "a: b\r\n"), FAILED);
    add("a status line that never ends", call -> endless(call, "a"), FAILED);
  }

  private static boolean endless(Call call, String piece) throws IOException {
    call.readBody();
    call.say("HTTP/1.1 200 OK");
    call.say(piece.equals("a") ? "" : "\r\n");
    for (int i = 0; i < 100_000; i++) {
      call.say(piece.repeat(1000));
    }
    return false;
  }

  private void statuses() {
    for (String status : List.of("999 X", "600 X", "099 X", "20 X", "2000 X", "-200 X", "2OO X")) {
      says("status " + status, true, ok(RIGHT).replace("200 OK", status), FAILED);
    }
    for (String status : List.of("301", "302", "303", "307", "308", "300", "304", "305")) {
      says(
          "status " + status,
          true,
          ok("location: http://169.254.169.254/\r\n" + RIGHT).replace("200 OK", status + " X"),
          FAILED);
    }
    says("204 with a body", true, ok(RIGHT).replace("200 OK", "204 X"), PASSED, FAILED);
    says("418", true, ok(RIGHT).replace("200 OK", "418 X"), PASSED);
    says("401 of the engine", true, ok(RIGHT).replace("200 OK", "401 X"), PASSED);
    says("101", true, "HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nBODY", FAILED);
    says("gzip that is none", true, ok("content-encoding: gzip\r\n" + RIGHT), OWN);
  }

  private void interim() {
    says("early hints", true, "HTTP/1.1 103 X\r\nlink: a\r\n\r\n" + ok(RIGHT), OWN);
    says("a hundred times 100", true, "HTTP/1.1 100 X\r\n\r\n".repeat(100) + ok(RIGHT), OWN);
    says("10,000 times 102", true, "HTTP/1.1 102 X\r\n\r\n".repeat(STORM) + ok(RIGHT), OWN, FAILED);
    add(
        "100 without end",
        call -> {
          call.readBody();
          while (true) {
            call.say("HTTP/1.1 100 X\r\nx: y\r\n\r\n".repeat(50));
          }
        },
        FAILED);
  }

  private void timing() {
    add(
        "an answer before the body is read",
        call -> {
          call.answer("200 OK", JSON, Answers.whole(call.nonce()));
          call.readBody();
          return true;
        },
        OWN);
    all.add(
        EngineCase.whole(
                "a refusal before a large body is read", AnswerCases::early, PASSED, FAILED)
            .asking(large()));
    all.add(
        EngineCase.whole("an answer while a large body is not read", AnswerCases::deaf, OWN, FAILED)
            .asking(large()));
    all.add(
        EngineCase.whole("another answer on the idle connection", AnswerCases::later, OWN)
            .withNothingBehind());
  }

  private static boolean later(Call call) throws IOException {
    call.readBody();
    call.answer("200 OK", JSON, Answers.whole(call.nonce()));
    LockSupport.parkNanos(SOON_NANOS);
    call.say(planted());
    return true;
  }

  private static String large() {
    return "{\"model\":\"wild\",\"x\":\"" + "a".repeat(LARGE) + "\"}";
  }

  private static boolean early(Call call) throws IOException {
    call.answer("413 X", JSON + "connection: close\r\n", "{}");
    return false;
  }

  private static boolean deaf(Call call) throws IOException {
    call.answer("200 OK", JSON, Answers.whole(call.nonce()));
    LockSupport.parkNanos(20 * SOON_NANOS);
    return false;
  }

  private void sizes() {
    add(
        "an answer of 20 MB",
        call -> {
          call.readBody();
          String body = Answers.whole(call.nonce()) + " ".repeat(LARGE);
          call.answer("200 OK", JSON, body);
          return true;
        },
        OWN);
    add(
        "an answer of 20 MB that is cut",
        call -> {
          call.readBody();
          call.say("HTTP/1.1 200 OK\r\n" + JSON + "content-length: 30000000\r\n\r\n");
          call.say(Answers.whole(call.nonce()) + " ".repeat(LARGE));
          return false;
        },
        CUT);
    add(
        "an error of 20 MB",
        call -> {
          call.readBody();
          call.answer("500 X", JSON, " ".repeat(LARGE));
          return true;
        },
        FAILED);
  }
}
