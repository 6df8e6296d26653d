// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Mail over a real socket to a server that says what it is told to say.
class SmtpSenderTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final ServerSocket listener;
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());

  /// By the word that it answers.
  private final Map<String, String> answers = Collections.synchronizedMap(new TreeMap<>());

  SmtpSenderTest() throws IOException {
    listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    Thread _ = Thread.ofVirtual().start(this::serve);
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
  }

  private void serve() {
    while (!listener.isClosed()) {
      try (Socket client = listener.accept()) {
        talk(client);
      } catch (IOException gone) {
        heard.add("gone");
      }
    }
  }

  private void talk(Socket client) throws IOException {
    var in =
        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
    OutputStream out = client.getOutputStream();
    say(out, "220 mail.example");
    boolean data = false;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      heard.add(line);
      if (data && !line.equals(".")) {
        continue;
      }
      String word = data ? "." : line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT);
      data = word.equals("DATA");
      say(out, answers.getOrDefault(word, data ? "354 go on" : "250 fine"));
    }
  }

  private static void say(OutputStream out, String line) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private DeliveryResult send(boolean startTls) {
    return SmtpSender.send(
        new Message.Mail(
            "127.0.0.1",
            listener.getLocalPort(),
            startTls,
            Optional.empty(),
            Optional.empty(),
            "weir@example.com",
            List.of("oncall@example.com", "lead@example.com"),
            "[error] crashLoop default/chat",
            "Zwei Größen: ü\nsecond line\n",
            Map.of("Message-ID", "<1-firing@weir>")),
        PATIENCE,
        PATIENCE);
  }

  @Test
  void a_mail_is_handed_over_to_all_with_its_own_id() {
    assertThat(send(false)).isEqualTo(new DeliveryResult.Accepted("handed over to 127.0.0.1"));
    assertThat(heard)
        .contains(
            "MAIL FROM:<weir@example.com>",
            "RCPT TO:<oncall@example.com>",
            "RCPT TO:<lead@example.com>",
            "Message-ID: <1-firing@weir>",
            "Subject: [error] crashLoop default/chat");
  }

  @Test
  void nothing_is_said_in_the_clear_where_encryption_is_wanted() {
    assertThat(send(true)).isInstanceOf(DeliveryResult.Deferred.class);
    assertThat(heard).noneMatch(line -> line.startsWith("MAIL") || line.startsWith("DATA"));
  }

  @Test
  void a_server_that_is_busy_is_asked_again_and_one_that_will_not_is_not() {
    answers.put(".", "451 try later");
    assertThat(send(false)).isInstanceOf(DeliveryResult.Deferred.class);
    answers.put(".", "554 no");
    assertThat(send(false)).isInstanceOf(DeliveryResult.Rejected.class);
  }
}
