// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.api.ApiHarness.Reply;
import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProgressShownTest {
  private static final String SERVICES = "/api/v1/namespaces/default/services";
  private static final String ROLLOUTS = "/api/v1/namespaces/default/rollouts";
  private static final ResourceRef SERVICE = ResourceRef.of(Kind.SERVICE, "default", "chat");
  private static final ResourceRef ROLLOUT = ResourceRef.of(Kind.ROLLOUT, "default", "chat-1");

  @TempDir Path folder;
  private ApiHarness api;

  @BeforeEach
  void start() {
    api = new ApiHarness(folder);
    api.post("/api/v1/apply", SampleManifests.chat());
    Service service = (Service) api.store.get(SERVICE).orElseThrow();
    ServiceStatus pointing =
        ServiceStatus.empty().withRollout(Optional.of("chat-1")).withRollouts(1);
    var _ =
        api.changes.execute(
            new Change.StartRollout(
                Resources.rollout("chat", 1, "chat@1", "chat@2"),
                service.withStatus(pointing),
                service.metadata().revision()),
            Actor.WEIR,
            "test");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void who_gets_or_lists_is_told_how_it_stands_now() {
    api.progress.put(SERVICE, "waiting for chat-1-0");
    api.progress.put(ROLLOUT, "step 1/2 at 25 %: error 0.4/4.6");
    for (String plural : List.of(SERVICES, ROLLOUTS)) {
      String name = plural.equals(SERVICES) ? "chat" : "chat-1";
      String message = api.progress.get(plural.equals(SERVICES) ? SERVICE : ROLLOUT);
      assertThat(message(api.get(plural + "/" + name))).isEqualTo(message);
      assertThat(api.get(plural).json().at("/items/0/status/message").asString())
          .isEqualTo(message);
    }
    api.progress.put(ROLLOUT, "step 1/2 at 25 %: error 0.9/4.6");
    assertThat(message(api.get(ROLLOUTS + "/chat-1"))).endsWith("error 0.9/4.6");
  }

  @Test
  void a_service_that_is_out_of_sync_says_so_when_it_is_read_and_nothing_is_stored() {
    assertThat(api.get(SERVICES + "/chat").json().path("status").has("outOfSync")).isFalse();
    api.outOfSync.put(SERVICE, "chat@2 was rolled back");
    assertThat(api.get(SERVICES + "/chat").json().at("/status/outOfSync").asString())
        .isEqualTo("chat@2 was rolled back");
    assertThat(api.get(SERVICES).json().at("/items/0/status/outOfSync").asString())
        .isEqualTo("chat@2 was rolled back");
    assertThat(((Service) api.store.get(SERVICE).orElseThrow()).status().outOfSync()).isEmpty();
  }

  @Test
  void a_message_alone_moves_no_revision() {
    Reply before = api.get(SERVICES + "/chat");
    api.progress.put(SERVICE, "waiting for chat-1-0");
    Reply after = api.get(SERVICES + "/chat");
    assertThat(message(after)).isNotEqualTo(message(before));
    assertThat(after.header("ETag")).isEqualTo(before.header("ETag"));
    assertThat(after.json().at("/metadata/revision"))
        .isEqualTo(before.json().at("/metadata/revision"));
    String wanted = SampleManifests.service("default", "chat", "chat@1", 3);
    Reply put = api.put(SERVICES + "/chat", wanted, "If-Match", before.header("ETag"));
    assertThat(put.status()).isEqualTo(200);
  }

  @Test
  void a_watch_and_the_history_show_what_is_stored() throws Exception {
    long after = api.store.get(ROLLOUT).orElseThrow().metadata().revision() - 1;
    api.progress.put(ROLLOUT, "step 1/2 at 25 %: error 0.4/4.6");
    try (EventReader events =
        api.events("/api/v1/watch?kinds=rollouts&after=" + after, api.adminKey)) {
      EventReader.Event event = events.next().orElseThrow();
      assertThat(event.resourceName()).isEqualTo("chat-1");
      assertThat(event.data().at("/status/message").asString("")).isEmpty();
    }
    Reply history = api.get(ROLLOUTS + "/chat-1/history");
    assertThat(history.json().at("/items/0/resource/status/message").asString("")).isEmpty();
  }

  private static String message(Reply reply) {
    assertThat(reply.status()).isEqualTo(200);
    return reply.json().at("/status/message").asString("");
  }
}
