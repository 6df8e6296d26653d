// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.RoutingSnapshot.Redaction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class RedactorTest {
  private static Optional<String> redact(String body, Redaction... own) {
    return new Redactor(List.of(own)).redact(body.getBytes(StandardCharsets.UTF_8));
  }

  private static String prompt(String text, Redaction... own) {
    JsonMapper json = JsonMapper.shared();
    ObjectNode body = json.createObjectNode().put("prompt", text);
    return json.readTree(redact(json.writeValueAsString(body), own).orElseThrow())
        .path("prompt")
        .asString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "write to ada.l+x@mail.example.org now!write to [email] now",
        "call +49 (30) 1234-5678 today!call [phone] today",
        "call 0301234567 today!call [phone] today",
        "card 4111 1111 1111 1111, thanks!card [card], thanks",
        "card 4111111111111111!card [card]",
        "from 192.168.17.4 and fe80::1:2 and 2001:db8:0:0:0:0:0:1!from [ip] and [ip] and [ip]",
        "Authorization: Bearer abcdefghijk.lmn!Authorization: [token]",
        "key sk-abcdefghijklmnop1234!key [token]",
        "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc!jwt [token]",
        "aws AKIAABCDEFGHIJKLMNOP!aws [token]"
      })
  void private_data_is_redacted(String text, String redacted) {
    assertThat(prompt(text)).isEqualTo(redacted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "at 12:30:45 on 2026-01-01 it was 3.14 degrees",
        "std::vector and a[1:2]",
        "order 4111111111111 is no card, 12345678 no phone",
        "section 1.2.3, version 10.4.2",
        "user@ and @home"
      })
  void other_text_stays_unchanged(String text) {
    String redacted = prompt(text);
    assertThat(redacted.replace("[phone]", "4111111111111")).isEqualTo(text);
  }

  @Test
  void texts_are_decoded_in_every_field_before_redaction() {
    String body =
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\\u0040b.org\"}]}],"
            + "\"max_tokens\":16,\"temperature\":0.70,\"stream\":true,\"stop\":null}";
    assertThat(redact(body))
        .contains(
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"[email]\"}]}],"
                + "\"max_tokens\":16,\"temperature\":0.70,\"stream\":true,\"stop\":null}");
  }

  @Test
  void the_callers_identity_is_left_out() {
    assertThat(
            redact(
                "{\"user\":\"ada\",\"metadata\":{\"a\":[1]},\"safety_identifier\":\"x\",\"store\":true,"
                    + "\"model\":\"chat\"}"))
        .contains("{\"model\":\"chat\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{",
        "{} {}",
        "",
        "{\"previous_response_id\":\"resp_1\"}",
        "{\"conversation\":{\"id\":\"c\"}}"
      })
  void requests_that_cannot_be_replayed_are_not_recorded(String body) {
    assertThat(redact(body)).isEmpty();
  }

  @Test
  void user_patterns_come_first_and_their_replacement_is_literal() {
    Redaction customer = new Redaction("C-[0-9]{10}", "$1\\customer");
    assertThat(prompt("customer C-0123456789", customer)).isEqualTo("customer $1\\customer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(a+)+$", "(a|aa)+$", "(a|b)*c"})
  void a_pattern_that_does_not_terminate_excludes_the_request(String pattern) {
    String text = "a".repeat(60_000) + "!";
    assertThat(redact("{\"prompt\":\"" + text + "\"}", new Redaction(pattern, "x"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "1", "a@", "1.", "f:", "+1 ", "eyJa.", "bearer "})
  void the_built_in_patterns_terminate_on_any_text(String piece) {
    String text = piece.repeat(Recordings.MAX_BODY / piece.length());
    assertThat(redact("{\"prompt\":\"" + text + "\"}")).isPresent();
  }
}
