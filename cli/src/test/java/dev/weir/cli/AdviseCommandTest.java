// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.FakeControl;
import dev.weir.model.codec.Json;
import dev.weir.model.view.AdviceView;
import dev.weir.model.view.AdviceView.Setting;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdviseCommandTest {
  private final CliFixture shell = new CliFixture();

  @AfterEach
  void close() {
    shell.close();
  }

  private void advice(Optional<String> recommended) {
    AdviceView view =
        new AdviceView(
            "default/chat",
            "from the last minutes: 5 requests/s",
            5,
            List.of(
                new Setting("default", "", Optional.of(1_500.0), Optional.of(1_800.0), 3, 16, 50),
                new Setting(
                    "fast", "ramp: {max: 50}", Optional.empty(), Optional.empty(), 4, 16, 50)),
            recommended,
            "Because of the test.");
    FakeControl _ =
        shell.control.on(
            "GET " + FleetFixture.SPACE + "services/chat/advice",
            FakeControl.json(Json.write(view)));
  }

  @Test
  void the_settings_are_a_table_with_the_recommended_one_below() {
    advice(Optional.of("fast"));
    var ended = shell.run("release", "advise", "chat");
    assertThat(ended.status()).isZero();
    assertThat(ended.out())
        .contains("Traffic  from the last minutes: 5 requests/s")
        .contains("SETTING", "PROMOTED AFTER", "not known")
        .contains("Recommended: fast. Because of the test.")
        .endsWith("In the manifest, below spec:\n  release:\n    ramp: {max: 50}\n");
  }

  @Test
  void without_a_recommendation_it_prints_what_to_do() {
    advice(Optional.empty());
    assertThat(shell.run("release", "advise", "chat").out())
        .contains("Because of the test.")
        .doesNotContain("Recommended", "In the manifest");
    assertThat(shell.run("release", "advise", "chat", "-o", "json").out())
        .contains("\"secondsToPromote\"");
  }
}
