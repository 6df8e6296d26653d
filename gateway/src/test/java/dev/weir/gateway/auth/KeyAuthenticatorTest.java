// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.AuthResult;
import dev.weir.gateway.exchange.HeaderView;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.Snapshots;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class KeyAuthenticatorTest {
  private static final String BRIEF = "wk_brief";

  private final ManualClock clock = new ManualClock();
  private final KeyAuthenticator authenticator = new KeyAuthenticator(clock);
  private final KeyEntry brief =
      new KeyEntry(
          Snapshots.keyHash(BRIEF),
          "brief",
          "default",
          clock.millis() + 60_000,
          List.of("chat"),
          false);
  private final IndexedSnapshot current =
      IndexedSnapshot.of(
          Snapshots.withKeys(Snapshots.small(), Snapshots.key(Snapshots.KEY), brief), "hash");

  @Test
  void a_known_key_is_allowed_in_either_header() {
    var allowed = new AuthResult.Allowed(Snapshots.key(Snapshots.KEY));
    assertThat(ask(Map.of("authorization", "Bearer " + Snapshots.KEY))).isEqualTo(allowed);
    assertThat(ask(Map.of("authorization", "bearer  " + Snapshots.KEY + " "))).isEqualTo(allowed);
    assertThat(ask(Map.of("x-api-key", Snapshots.KEY))).isEqualTo(allowed);
  }

  @Test
  void the_authorization_header_takes_precedence() {
    assertThat(code(ask(Map.of("authorization", "Bearer wrong", "x-api-key", Snapshots.KEY))))
        .isEqualTo("invalid_api_key");
  }

  @Test
  void each_kind_of_unknown_key_is_denied_with_its_reason() {
    assertThat(code(ask(Map.of()))).isEqualTo("missing_api_key");
    assertThat(code(ask(Map.of("authorization", "Bearer  ")))).isEqualTo("missing_api_key");
    assertThat(code(ask(Map.of("authorization", "Basic YTpi")))).isEqualTo("invalid_authorization");
    assertThat(code(ask(Map.of("x-api-key", "nobody's")))).isEqualTo("invalid_api_key");
    assertThat(code(ask(Map.of("x-api-key", "k".repeat(10_000))))).isEqualTo("invalid_api_key");
    assertThat(code(ask(Map.of("x-api-key", Snapshots.keyHash(Snapshots.KEY)))))
        .as("the hash of a key is not a key")
        .isEqualTo("invalid_api_key");
  }

  @Test
  void a_key_is_valid_until_the_millisecond_in_which_it_expires() {
    Map<String, String> headers = Map.of("x-api-key", BRIEF);
    clock.advance(Duration.ofMillis(59_999));
    assertThat(ask(headers)).isEqualTo(new AuthResult.Allowed(brief));
    clock.advance(Duration.ofMillis(1));
    assertThat(code(ask(headers))).isEqualTo("expired_api_key");
  }

  @Test
  void a_denial_repeats_nothing_from_the_request() {
    var denied = (AuthResult.Denied) ask(Map.of("x-api-key", "s3cret"));
    assertThat(denied.message() + denied.code()).doesNotContain("s3cret");
    assertThat(denied.status()).isEqualTo(401);
  }

  @Test
  void an_internal_error_denies_access() {
    HeaderView broken =
        _ -> {
          throw new IllegalStateException("broken on purpose");
        };
    assertThat(authenticator.authenticate(broken, current)).isInstanceOf(AuthResult.Denied.class);
  }

  private AuthResult ask(Map<String, String> headers) {
    return authenticator.authenticate(
        name -> Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT))), current);
  }

  private static String code(AuthResult result) {
    return result instanceof AuthResult.Denied denied ? denied.code() : "allowed";
  }
}
