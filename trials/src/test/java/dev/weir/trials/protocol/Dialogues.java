// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import dev.weir.trials.protocol.RawClient.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Cases that need more than one exchange of bytes: pipelined requests, `Expect`, and connections
/// that end early.
final class Dialogues {
  private static final int AHEAD = 10;
  private static final String EXPECT = "Expect: 100-continue\r\n";

  private final CaseRunner examiner;
  private final Asking asking;

  Dialogues(CaseRunner examiner) {
    this.examiner = examiner;
    this.asking = examiner.asking();
  }

  /// Something that is said and what is wrong about what comes of it.
  @FunctionalInterface
  interface Dialogue {
    Optional<String> play(RawClient client) throws IOException;
  }

  Map<String, Dialogue> all() {
    Map<String, Dialogue> all = new LinkedHashMap<>();
    all.put("ten requests sent ahead are answered in order", this::ahead);
    all.put("ten requests sent ahead byte by byte", this::byteByByte);
    all.put("a refusal between requests sent ahead", this::refusalAhead);
    all.put("nonsense behind a request sent ahead", this::nonsenseAhead);
    all.put("a body behind a refused head is not a request", this::bodyOfRefused);
    all.put("a bad chunk in a body that is thrown away", this::badChunkOfRefused);
    all.put("an Expect gets 100 Continue", this::expect);
    all.put("an Expect of a stranger is refused and closed", this::expectOfStranger);
    all.put("an unknown Expect is 417", this::unknownExpect);
    all.put("an Expect with too large a body is 413", this::expectTooLarge);
    all.put("an Expect in HTTP/1.0 is not answered with 100", this::oldExpect);
    all.put("an end in the middle of a head", client -> ends(client, "POST /v1/ch"));
    all.put("an end in the middle of a body", this::endInBody);
    all.put("an end in the middle of a chunk", this::endInChunk);
    all.put("a half-close after a whole request", this::halfClose);
    all.put("a half-close after ten requests", this::halfCloseAhead);
    return all;
  }

  Optional<String> play(Dialogue dialogue) {
    try (RawClient client = examiner.open()) {
      Optional<String> wrong = dialogue.play(client);
      return wrong.isPresent() ? wrong : examiner.aftermath();
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  private static Optional<String> status(Reply reply, Integer... wanted) {
    return List.of(wanted).contains(reply.status())
        ? Optional.empty()
        : Optional.of(reply.status() + " " + CaseRunner.shortened(reply.body()));
  }

  private static Optional<String> own(Reply reply, String nonce) {
    return reply.status() == 200 && reply.body().equals(Answers.whole(nonce))
        ? Optional.empty()
        : Optional.of(nonce + " got " + reply.status() + " " + CaseRunner.shortened(reply.body()));
  }

  private List<String> nonces() {
    List<String> nonces = new ArrayList<>();
    for (int i = 0; i < AHEAD; i++) {
      nonces.add(examiner.nonce());
    }
    return nonces;
  }

  private String all(List<String> nonces) {
    var sent = new StringBuilder();
    nonces.forEach(nonce -> sent.append(asking.canary(nonce)));
    return sent.toString();
  }

  private Optional<String> inOrder(RawClient client, List<String> nonces) throws IOException {
    for (String nonce : nonces) {
      Optional<String> wrong = own(client.next(), nonce);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return examiner.canary(client);
  }

  private Optional<String> ahead(RawClient client) throws IOException {
    List<String> nonces = nonces();
    client.send(all(nonces));
    return inOrder(client, nonces);
  }

  private Optional<String> byteByByte(RawClient client) throws IOException {
    List<String> nonces = nonces();
    for (char one : all(nonces).toCharArray()) {
      client.trickle(one);
    }
    return inOrder(client, nonces);
  }

  private Optional<String> refusalAhead(RawClient client) throws IOException {
    String first = examiner.nonce();
    String last = examiner.nonce();
    String stranger = asking.canary("any").replace("Bearer ", "Bearer x");
    client.send(asking.canary(first) + stranger + asking.canary(last));
    Optional<String> wrong = own(client.next(), first);
    if (wrong.isPresent()) {
      return wrong;
    }
    wrong = status(client.next(), 401);
    return wrong.isPresent() ? wrong : inOrder(client, List.of(last));
  }

  private Optional<String> nonsenseAhead(RawClient client) throws IOException {
    String first = examiner.nonce();
    client.send(asking.canary(first) + "nonsense\r\n\r\n" + asking.hidden());
    Optional<String> wrong = own(client.next(), first);
    if (wrong.isPresent()) {
      return wrong;
    }
    wrong = status(client.next(), 400);
    return wrong.isPresent() ? wrong : examiner.closed(client);
  }

  private Optional<String> bodyOfRefused(RawClient client) throws IOException {
    String body = asking.hidden();
    client.send(
        asking
            .post("any", "Content-Length: " + body.length() + "\r\n", body)
            .replaceFirst("Bearer ", "Bearer x"));
    Optional<String> wrong = status(client.next(), 401);
    return wrong.isPresent() ? wrong : examiner.canary(client);
  }

  private Optional<String> badChunkOfRefused(RawClient client) throws IOException {
    String sent = asking.post("any", "Transfer-Encoding: chunked\r\n", "2\r\n{}}\r\n");
    client.send(sent.replace("Bearer ", "Bearer x") + asking.hidden());
    Optional<String> wrong = status(client.next(), 401);
    return wrong.isPresent() ? wrong : examiner.closed(client);
  }

  // Expect

  private Optional<String> expect(RawClient client) throws IOException {
    String nonce = examiner.nonce();
    String length = "Content-Length: " + Asking.BODY.length() + "\r\n";
    client.send(asking.post(nonce, EXPECT + length, ""));
    Optional<String> wrong = status(client.next(), 100);
    if (wrong.isPresent()) {
      return wrong;
    }
    client.send(Asking.BODY);
    return inOrder(client, List.of(nonce));
  }

  /// The length of its body is ambiguous, so no request can follow it.
  private Optional<String> expectOfStranger(RawClient client) throws IOException {
    String sent = asking.post("any", EXPECT + "Content-Length: 300\r\n", "");
    client.send(sent.replace("Bearer ", "Bearer x"));
    Reply reply = client.next();
    Optional<String> wrong = status(reply, 401);
    if (wrong.isEmpty() && !reply.closes()) {
      return Optional.of("401, but the connection is kept");
    }
    return wrong.isPresent() ? wrong : examiner.closed(client);
  }

  private Optional<String> refusedAndClosed(RawClient client, String sent, int status)
      throws IOException {
    client.send(sent + asking.hidden());
    Optional<String> wrong = status(client.next(), status);
    return wrong.isPresent() ? wrong : examiner.closed(client);
  }

  private Optional<String> unknownExpect(RawClient client) throws IOException {
    return refusedAndClosed(
        client, asking.post("any", "Expect: a-miracle\r\nContent-Length: 2\r\n", "{}"), 417);
  }

  private Optional<String> expectTooLarge(RawClient client) throws IOException {
    return refusedAndClosed(
        client, asking.post("any", EXPECT + "Content-Length: 34603008\r\n", ""), 413);
  }

  private Optional<String> oldExpect(RawClient client) throws IOException {
    String nonce = examiner.nonce();
    client.send(asking.good(nonce, EXPECT, Asking.BODY).replace("HTTP/1.1", "HTTP/1.0"));
    Optional<String> wrong = own(client.next(), nonce);
    return wrong.isPresent() ? wrong : examiner.closed(client);
  }

  // Ends

  /// An answer or none; but the end comes.
  private Optional<String> ends(RawClient client, String sent) throws IOException {
    client.send(sent);
    client.endOutput();
    Optional<String> wrong = status(client.next(), 0, 400);
    return wrong.isPresent() ? wrong : examiner.closed(client);
  }

  private Optional<String> endInBody(RawClient client) throws IOException {
    Optional<String> wrong = ends(client, asking.post("begun", "Content-Length: 500\r\n", "{"));
    return wrong.isPresent() ? wrong : unseen("begun");
  }

  private Optional<String> endInChunk(RawClient client) throws IOException {
    String sent = asking.post("begun", "Transfer-Encoding: chunked\r\n", "ff\r\n" + Asking.BODY);
    Optional<String> wrong = ends(client, sent);
    return wrong.isPresent() ? wrong : unseen("begun");
  }

  private Optional<String> unseen(String nonce) {
    return examiner.engine().seen(nonce) == 0
        ? Optional.empty()
        : Optional.of("a request that never ended reached an engine");
  }

  /// Taken for a client that leaves, or answered.
  private Optional<String> halfClose(RawClient client) throws IOException {
    client.send(asking.canary("half"));
    client.endOutput();
    Optional<String> wrong = status(client.next(), 0, 200);
    return wrong.isPresent() ? wrong : examiner.closed(client);
  }

  private Optional<String> halfCloseAhead(RawClient client) throws IOException {
    List<String> nonces = nonces();
    client.send(all(nonces));
    client.endOutput();
    for (String nonce : nonces) {
      Reply reply = client.next();
      if (reply.status() == 0) {
        return Optional.empty();
      }
      Optional<String> wrong = own(reply, nonce);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return examiner.closed(client);
  }
}
