// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptTextReaderTest {
  private static Optional<String> read(ApiFamily family, String json) {
    return PromptTextReader.read(family, json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_chat_with_images_and_calls_is_read() {
    assertThat(
            read(
                ApiFamily.CHAT,
                """
                {"model":"m","messages":[
                  {"role":"system","content":"Be brief."},
                  {"role":"user","content":[{"type":"text","text":"Where is this?"},
                    {"type":"image_url","image_url":{"url":"data:..."}},
                    {"type":"input_audio","input_audio":{}}]},
                  {"role":"assistant","content":null,"tool_calls":[{"id":"1","function":
                    {"name":"locate","arguments":"{\\"n\\":1}"}}]},
                  {"role":"tool","tool_call_id":"1","content":"Oslo"}]}
                """))
        .hasValue(
            """
            system: Be brief.

            user: Where is this?
            [image]
            [input_audio]

            assistant: [call locate {"n":1}]

            tool: Oslo\
            """);
  }

  @Test
  void anthropic_messages_are_read_with_their_system_prompt() {
    assertThat(
            read(
                ApiFamily.MESSAGES,
                """
                {"model":"m","tools":[],"system":[{"type":"text","text":"Be brief."}],"messages":[
                  {"role":"user","content":[{"type":"image","source":{}},
                    {"type":"text","text":"What is it?"}]},
                  {"role":"assistant","content":[{"type":"thinking","thinking":"hm"},
                    {"type":"tool_use","name":"look","input":{"n":1}}]},
                  {"role":"user","content":[{"type":"tool_result","content":[
                    {"type":"text","text":"A cat."}]}]}]}
                """))
        .hasValue(
            """
            system: Be brief.

            user: [image]
            What is it?

            assistant: [call look {"n":1}]

            user: A cat.\
            """);
  }

  @Test
  void responses_are_read_with_instructions_and_items() {
    assertThat(read(ApiFamily.RESPONSES, "{\"instructions\":\"Be brief.\",\"input\":\"Hi\"}"))
        .hasValue("system: Be brief.\n\nuser: Hi");
    assertThat(
            read(
                ApiFamily.RESPONSES,
                """
                {"previous_response_id":null,"input":[
                  {"role":"user","content":[{"type":"input_text","text":"Hi"},
                    {"type":"input_image","image_url":"x"}]},
                  {"type":"reasoning","summary":[]},
                  {"type":"function_call","name":"f","arguments":"{}"},
                  {"type":"function_call_output","output":"1"},
                  {"type":"message","role":"user","content":"So?"}]}
                """))
        .hasValue("user: Hi\n[image]\n\nassistant: [call f {}]\n\ntool: 1\n\nuser: So?");
  }

  @Test
  void the_prompt_of_a_completion_is_read() {
    assertThat(read(ApiFamily.COMPLETIONS, "{\"prompt\":\"Once upon\"}")).hasValue("Once upon");
    assertThat(read(ApiFamily.COMPLETIONS, "{\"prompt\":[\"Once upon\"]}")).hasValue("Once upon");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "CHAT!{}",
        "CHAT!{\"messages\":[]}",
        "CHAT!{\"messages\":[{\"role\":\"user\",\"content\":\" \"}]}",
        "CHAT!{\"messages\":\"Hi\"}",
        "CHAT!{\"messages\":[{\"content\":\"Hi\"}],\"functions\":[{}]}",
        "CHAT!{\"messages\":[{\"content\":\"Hi\"}],\"audio\":{\"voice\":\"x\"}}",
        "CHAT!--boundary",
        "MESSAGES!{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"tools\":[{}]}",
        "COMPLETIONS!{\"prompt\":\"\"}",
        "COMPLETIONS!{\"prompt\":[\"a\",\"b\"]}",
        "COMPLETIONS!{\"prompt\":[1,2]}",
        "RESPONSES!{\"input\":\"So?\",\"previous_response_id\":\"r\"}",
        "RESPONSES!{\"input\":\"So?\",\"conversation\":\"c\"}",
        "RESPONSES!{\"prompt\":{\"id\":\"p\"}}",
        "OTHER!{\"input\":\"Hi\"}"
      })
  void an_unreadable_question_has_no_text(ApiFamily family, String json) {
    assertThat(read(family, json)).isEmpty();
  }

  @Test
  void a_long_question_is_cut_to_its_end() {
    String question = "a".repeat(PromptTextReader.MAX_CHARS) + "z";
    assertThat(read(ApiFamily.COMPLETIONS, "{\"prompt\":\"" + question + "\"}"))
        .hasValue("[truncated ...]\n" + question.substring(1));
    assertThat(read(ApiFamily.COMPLETIONS, "{\"prompt\":\"" + question.substring(1) + "\"}"))
        .hasValue(question.substring(1));
  }
}
