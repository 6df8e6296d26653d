// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.server.logging.CapturedLog;
import dev.weir.server.tls.TlsFiles.Read;
import dev.weir.testkit.ManualClock;
import dev.weir.testkit.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsWatchTest {
  @TempDir static Path made;
  @TempDir Path folder;
  private static TestAuthority.Pair first;
  private static TestAuthority.Pair second;
  private static TestAuthority.Pair ended;

  private final List<SSLContext> shown = new ArrayList<>();
  private final CapturedLog log = new CapturedLog(TlsWatch.class.getName());
  private ManualClock clock = new ManualClock();
  private TlsWatch watch;

  @BeforeAll
  static void issue() {
    TestAuthority authority = TestAuthority.in(made);
    first = authority.issue(30);
    second = authority.issue(60);
    ended = authority.issue(-1);
  }

  @BeforeEach
  void begin() throws IOException {
    clock = new ManualClock(expires(first).minus(Duration.ofDays(20)));
    put(first.certificate(), first.key());
    TlsFiles files = files();
    watch = new TlsWatch("gateway", files, (Read.Usable) files.read(), shown::add, clock);
  }

  @AfterEach
  void end() {
    log.close();
    watch.close();
  }

  private TlsFiles files() {
    return new TlsFiles(folder.resolve("tls.crt"), folder.resolve("tls.key"));
  }

  private void put(Path certificate, Path key) throws IOException {
    Files.copy(certificate, files().certificate(), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(key, files().key(), StandardCopyOption.REPLACE_EXISTING);
  }

  private static Instant expires(TestAuthority.Pair pair) {
    return ((Read.Usable) new TlsFiles(pair.certificate(), pair.key()).read()).pair().expires();
  }

  @Test
  void an_unchanged_pair_stays_in_use() {
    watch.look();
    watch.look();
    assertThat(shown).isEmpty();
  }

  @Test
  void a_new_pair_is_published_once() throws IOException {
    put(second.certificate(), second.key());
    watch.look();
    watch.look();
    assertThat(shown).hasSize(1);
    assertThat(log.lines("tls.renewed")).hasSize(1);
    assertThat(watch.secondsLeft())
        .isEqualTo(Duration.between(clock.instant(), expires(second)).toSeconds());
  }

  @Test
  void half_a_pair_changes_nothing_and_is_not_reported_at_once() throws IOException {
    put(second.certificate(), first.key());
    watch.look();
    assertThat(log.lines("tls.refused")).isEmpty();
    put(second.certificate(), second.key());
    watch.look();
    assertThat(shown).hasSize(1);
    assertThat(log.lines("tls.refused")).isEmpty();
  }

  @Test
  void a_mismatched_pair_is_refused_once_by_name_and_the_old_one_stays() throws IOException {
    put(second.certificate(), first.key());
    for (int i = 0; i < 5; i++) {
      watch.look();
    }
    assertThat(shown).isEmpty();
    assertThat(log.lines("tls.refused"))
        .singleElement()
        .asString()
        .contains("does not match", files().key().toString(), " certificate=");
  }

  @Test
  void a_missing_file_changes_nothing() throws IOException {
    Files.delete(files().key());
    watch.look();
    watch.look();
    assertThat(shown).isEmpty();
    assertThat(log.lines("tls.refused")).singleElement().asString().contains("does not exist");
  }

  @Test
  void an_expired_pair_does_not_replace_a_valid_one() throws IOException {
    put(ended.certificate(), ended.key());
    watch.look();
    watch.look();
    assertThat(shown).isEmpty();
    assertThat(log.lines("tls.refused")).singleElement().asString().contains("it expired at");
  }

  @Test
  void the_expiry_is_warned_of_once_a_day_from_two_weeks_before() {
    watch.look();
    assertThat(log.lines("tls.expires")).isEmpty();
    clock.advance(Duration.ofDays(7));
    watch.look();
    watch.look();
    assertThat(log.lines("tls.expires")).hasSize(1);
    clock.advance(Duration.ofDays(2));
    watch.look();
    assertThat(log.lines("tls.expires")).hasSize(2);
    clock.advance(Duration.ofDays(12));
    watch.look();
    assertThat(log.lines("tls.expired")).hasSize(1);
    assertThat(watch.secondsLeft()).isNegative();
  }
}
