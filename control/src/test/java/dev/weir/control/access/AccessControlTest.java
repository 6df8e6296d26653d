// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.access.AccessDecision.Allowed;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessControlTest {
  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private final String adminKey = Keys.fresh(new SecureRandom());
  private final String gatewayKey = Keys.fresh(new SecureRandom());

  @Test
  void a_store_that_fails_lets_nobody_in_and_blames_no_key() {
    try (Store store = SqliteStore.open(folder, clock)) {
      var _ = Bootstrap.ensure(store, new StoreChangeExecutor(store), adminKey, gatewayKey);
      var broken = new AtomicBoolean();
      var accessControl = new AccessControl(breakable(store, broken), clock);
      Optional<String> key = Optional.of(adminKey);
      assertThat(accessControl.authenticate(key)).isInstanceOf(Allowed.class);
      broken.set(true);
      assertThatThrownBy(() -> accessControl.authenticate(key)).isInstanceOf(StoreException.class);
    }
  }

  @Test
  void a_damaged_key_file_makes_no_weak_administrator() {
    try (Store store = SqliteStore.open(folder, clock)) {
      var changes = new StoreChangeExecutor(store);
      assertThatThrownBy(() -> Bootstrap.ensure(store, changes, "", gatewayKey))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("damaged key file");
      assertThat(Bootstrap.done(store)).isFalse();
    }
  }

  @Test
  void a_gateway_is_no_administrator_and_an_administrator_no_gateway() {
    try (Store store = SqliteStore.open(folder, clock)) {
      var _ = Bootstrap.ensure(store, new StoreChangeExecutor(store), adminKey, gatewayKey);
      var accessControl = new AccessControl(store, clock);
      AuthenticatedCaller admin = caller(accessControl, adminKey);
      AuthenticatedCaller gateway = caller(accessControl, gatewayKey);
      assertThat(admin.may(Permission.ADMINISTER, AccessScope.EVERYWHERE)).isTrue();
      assertThat(admin.may(Permission.LINK, AccessScope.EVERYWHERE)).isFalse();
      assertThat(gateway.may(Permission.LINK, AccessScope.EVERYWHERE)).isTrue();
      assertThat(gateway.may(Permission.READ, AccessScope.ANYWHERE)).isFalse();
    }
  }

  @Test
  void keys_are_long_random_and_recognised_by_nine_characters() {
    var random = new SecureRandom();
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      keys.add(Keys.fresh(random));
    }
    assertThat(keys).hasSize(1_000).allMatch(k -> k.matches("weir_[A-Za-z0-9_-]{43}"));
    assertThat(Keys.hint("weir_abcdefghijklmnopqrstuvwxyz")).isEqualTo("weir_abcd");
    assertThat(Keys.hint("weir_short")).isEmpty();
    assertThat(Keys.hint("somebodys-password-that-is-long")).isEmpty();
    assertThat(Keys.hash("abc"))
        .isEqualTo("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  private static Store breakable(Store store, AtomicBoolean broken) {
    return (Store)
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {Store.class},
            (_, method, arguments) -> {
              if (broken.get()) {
                throw new StoreException("disk on fire");
              }
              return method.invoke(store, arguments);
            });
  }

  private static AuthenticatedCaller caller(AccessControl accessControl, String key) {
    return ((Allowed) accessControl.authenticate(Optional.of(key))).caller();
  }
}
