// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.recording.KeyFinder.Found;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingKeyTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path folder;

  private static String text(int first) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) first;
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static RecordingKey key(int first) {
    return RecordingKey.of(text(first), RANDOM).orElseThrow();
  }

  @Test
  void sealed_data_opens_only_with_the_same_key_for_the_same_service_and_time() {
    byte[] plain = "what was asked".getBytes(StandardCharsets.UTF_8);
    byte[] sealed = key(1).seal("default/chat", 7, plain);
    assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("asked");
    assertThat(key(1).open("default/chat", 7, sealed))
        .hasValueSatisfying(opened -> assertThat(opened).isEqualTo(plain));
    assertThat(key(2).open("default/chat", 7, sealed)).isEmpty();
    assertThat(key(1).open("default/other", 7, sealed)).isEmpty();
    assertThat(key(1).open("default/chat", 8, sealed)).isEmpty();
    sealed[sealed.length - 1] ^= 1;
    assertThat(key(1).open("default/chat", 7, sealed)).isEmpty();
    assertThat(key(1).open("default/chat", 7, new byte[3])).isEmpty();
  }

  @Test
  void the_same_text_is_sealed_differently_each_time() {
    byte[] plain = new byte[10];
    assertThat(key(1).seal("s", 1, plain)).isNotEqualTo(key(1).seal("s", 1, plain));
    assertThat(key(1).id()).isEqualTo(key(1).id()).isNotEqualTo(key(2).id());
  }

  @Test
  void a_key_is_read_from_a_variable_or_a_file_and_never_printed() throws IOException {
    Path file = Files.writeString(folder.resolve("key"), text(3) + "\n");
    KeyFinder finder =
        new KeyFinder(Map.of("KEY", text(4), "SHORT", "c2VjcmV0"), new SecureRandom());
    assertThat(finder.find("env:KEY")).isInstanceOf(Found.Usable.class);
    assertThat(finder.find("file:" + file)).isInstanceOf(Found.Usable.class);
    assertThat(finder.find("env:MISSING"))
        .isEqualTo(new Found.Unusable("no key found at env:MISSING"));
    assertThat(finder.find("env:SHORT"))
        .isEqualTo(new Found.Unusable("the key at env:SHORT is not 32 bytes in base64"));
    assertThat(finder.find("file:/nowhere/at/all"))
        .isEqualTo(new Found.Unusable("file:/nowhere/at/all cannot be read: NoSuchFileException"));
  }
}
