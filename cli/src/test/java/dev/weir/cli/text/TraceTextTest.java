// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.view.RequestTrace;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TraceTextTest {
  @Test
  void a_request_that_fell_back_shows_the_service_and_the_cause() {
    RequestTrace trace =
        new RequestTrace(
            "req-1",
            "gw-1",
            Instant.parse("2026-01-01T00:00:00Z"),
            "/v1/chat/completions",
            "chat",
            false,
            "app",
            "default/own",
            "chat@1",
            false,
            "",
            7,
            20_000,
            "default/next",
            "failed",
            List.of(
                new RequestTrace.Attempt(
                    1,
                    "first",
                    "default/own",
                    "chat@1",
                    "own-1-0",
                    3,
                    "failure",
                    "connect_failed: no connection",
                    -1,
                    -1,
                    -1,
                    false,
                    "injected fault own-flt-7: status 502"),
                new RequestTrace.Attempt(
                    2,
                    "fallback",
                    "default/hosted",
                    "chat@hosted",
                    "hosted-1-0",
                    250,
                    "success",
                    "",
                    240,
                    5,
                    7,
                    false,
                    "")),
            Optional.of(
                new RequestTrace.End(
                    200,
                    "",
                    "default/hosted",
                    "down",
                    "chat@hosted",
                    "hosted-1-0",
                    2,
                    0,
                    false,
                    240,
                    250,
                    5,
                    7)));
    assertThat(TraceText.of(trace, Style.plain()))
        .contains(
            "no connection (injected fault own-flt-7: status 502)",
            "chat -> service default/own",
            "queued   20s in the admission queue",
            "2  fallback  hosted-1-0",
            "mirror   copy to service default/next: failed",
            "hosted-1-0",
            "at service default/hosted because: down",
            "- in, - out",
            "5 in, 7 out");
  }
}
