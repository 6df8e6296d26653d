// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.view.AuditEntry;
import dev.weir.store.AuditVerifier.Broken;
import dev.weir.store.AuditVerifier.Verified;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

final class AuditVerifierTest {
  private final List<AuditEntry> log = new ArrayList<>(chain(5, "fine"));

  @Test
  void an_untouched_log_verifies_to_its_head() {
    assertThat(verify()).isEqualTo(new Verified(5, log.getLast().hash()));
    assertThat(AuditVerifier.verify(new ArrayList<AuditEntry>().iterator(), Optional.empty()))
        .isEqualTo(new Verified(0, AuditChain.GENESIS));
  }

  @Test
  void the_hash_covers_each_field() {
    AuditEntry entry = log.get(2);
    List<UnaryOperator<AuditEntry>> changes =
        List.of(
            e -> with(e, e.at().plusMillis(1), e.principal(), e.before(), e.after(), e.reason()),
            e -> with(e, e.at(), "eve", e.before(), e.after(), e.reason()),
            e -> with(e, e.at(), e.principal(), Optional.empty(), e.after(), e.reason()),
            e -> with(e, e.at(), e.principal(), e.before(), Optional.of("{\"a\": 2}"), e.reason()),
            e -> with(e, e.at(), e.principal(), e.before(), e.after(), "another reason"));
    for (UnaryOperator<AuditEntry> change : changes) {
      assertThat(AuditChain.hash(change.apply(entry))).isNotEqualTo(entry.hash());
    }
  }

  @Test
  void a_changed_field_is_found() {
    AuditEntry old = log.get(2);
    log.set(2, with(old, old.at(), "eve", old.before(), old.after(), old.reason()));
    assertThat(verify()).isEqualTo(new Broken(3, "the content of entry 3 does not match its hash"));
  }

  @Test
  void an_entry_rewritten_with_a_fitting_hash_breaks_the_next() {
    log.set(2, chain(3, "forged").get(2));
    assertThat(verify()).isEqualTo(new Broken(3, "entry 3 does not continue the entry before it"));
    log.clear();
    log.addAll(chain(5, "fine"));
    AuditEntry second = log.get(1);
    log.set(
        2,
        AuditChain.append(
            2, second.hash(), draft("forged"), at(), 3, Optional.empty(), Optional.empty()));
    assertThat(verify()).isEqualTo(new Broken(4, "entry 4 does not continue the entry before it"));
  }

  @Test
  void a_missing_entry_is_named() {
    log.remove(1);
    assertThat(verify()).isEqualTo(new Broken(2, "entry 2 is missing"));
    log.removeFirst();
    assertThat(verify()).isEqualTo(new Broken(1, "entry 1 is missing"));
  }

  @Test
  void entries_in_another_order_are_found() {
    log.add(2, log.remove(3));
    assertThat(verify()).isEqualTo(new Broken(3, "entry 3 is missing"));
    log.add(3, log.get(1));
    log.remove(2);
    assertThat(verify()).isEqualTo(new Broken(3, "found entry 2 instead of entry 3"));
  }

  @Test
  void a_truncated_log_is_found_against_a_witnessed_head() {
    Optional<String> witnessed = Optional.of(log.get(3).hash());
    assertThat(AuditVerifier.verify(log.iterator(), witnessed)).isInstanceOf(Verified.class);
    log.subList(3, 5).clear();
    assertThat(AuditVerifier.verify(log.iterator(), witnessed))
        .isInstanceOfSatisfying(Broken.class, b -> assertThat(b.firstBadSequence()).isEqualTo(4));
  }

  @Test
  void a_log_rewritten_from_the_start_is_found_against_a_witnessed_head() {
    Optional<String> witnessed = Optional.of(log.getLast().hash());
    assertThat(AuditVerifier.verify(chain(9, "forged").iterator(), witnessed))
        .isInstanceOf(Broken.class);
  }

  private AuditVerifier.Verification verify() {
    return AuditVerifier.verify(log.iterator(), Optional.empty());
  }

  private static List<AuditEntry> chain(int length, String reason) {
    List<AuditEntry> chain = new ArrayList<>();
    String head = AuditChain.GENESIS;
    for (int i = 0; i < length; i++) {
      AuditEntry next =
          AuditChain.append(
              i, head, draft(reason), at(), i + 1, Optional.of("{}"), Optional.of("{\"a\":1}"));
      chain.add(next);
      head = next.hash();
    }
    return chain;
  }

  private static AuditDraft draft(String reason) {
    return new AuditDraft(
        "ada", "192.0.2.1", "r", "apply", "Model/default/chat", "allowed", reason);
  }

  private static Instant at() {
    return Instant.parse("2026-01-01T00:00:00Z");
  }

  private static AuditEntry with(
      AuditEntry old,
      Instant at,
      String principal,
      Optional<String> before,
      Optional<String> after,
      String reason) {
    return new AuditEntry(
        old.sequence(),
        at,
        principal,
        old.sourceAddress(),
        old.requestId(),
        old.action(),
        old.subject(),
        old.revision(),
        old.outcome(),
        before,
        after,
        reason,
        old.previousHash(),
        old.hash());
  }
}
