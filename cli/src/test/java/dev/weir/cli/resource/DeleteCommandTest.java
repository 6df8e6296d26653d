// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.CliFixture;
import dev.weir.cli.FleetFixture;
import dev.weir.client.ApplyResponse;
import dev.weir.client.FakeControl;
import dev.weir.model.Resources;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeleteCommandTest {
  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    shell.close();
  }

  private void deletes(String kind, String plural, String name, long revision) {
    var result = new ApplyResponse.Result(kind, "default", name, "deleted", revision);
    control.on(
        "DELETE " + FleetFixture.SPACE + plural + "/" + name,
        json(
            Json.write(new ApplyResponse(List.of(result), revision, false, List.of(), List.of()))));
  }

  @Test
  void a_resource_is_deleted_by_name() {
    deletes("Model", "models", "chat", 12);
    var ended = shell.run("delete", "model", "chat", "--reason", "unused");
    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEqualTo("Model/default/chat deleted (revision 12)\n");
    assertThat(control.last().query()).isEqualTo("reason=unused");
    assertThat(shell.run("delete", "models/chat").status()).isZero();
  }

  @Test
  void the_deletion_of_a_key_names_what_remains() {
    deletes("ApiKey", "apikeys", "tmp", 12);
    deletes("Model", "models", "chat", 13);
    assertThat(shell.run("delete", "apikey", "tmp").err())
        .isEqualTo(
            "the principal of key tmp and its role bindings remain; list them with `weir get"
                + " principals` and `weir get rolebindings -n default`\n");
    assertThat(shell.run("delete", "model", "chat").err()).isEmpty();
  }

  @Test
  void resources_of_manifests_are_deleted_last_to_first() {
    deletes("Model", "models", "chat", 13);
    deletes("Route", "routes", "chat", 12);
    shell.in = Manifests.toYaml(List.of(Resources.model("chat"), Resources.route("chat", "chat")));
    assertThat(shell.run("delete", "-f", "-").out())
        .isEqualTo(
            """
            Route/default/chat deleted (revision 12)
            Model/default/chat deleted (revision 13)
            """);
  }

  @Test
  void a_refusal_gives_the_reason_of_the_server() {
    control.on(
        "DELETE " + FleetFixture.SPACE + "models/chat",
        problem(
            409, "\"title\":\"It is in use\",\"detail\":\"ModelVersion/default/chat-1 uses it\""));
    var ended = shell.run("delete", "model", "chat");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).isEqualTo("weir: ModelVersion/default/chat-1 uses it\n");
  }

  @Test
  void a_name_together_with_manifests_is_wrong_usage() {
    assertThat(shell.run("delete", "model", "chat", "-f", "x").status()).isEqualTo(64);
    assertThat(shell.run("delete", "replica", "chat-1-0").status()).isEqualTo(64);
    assertThat(control.requests()).isEmpty();
  }
}
