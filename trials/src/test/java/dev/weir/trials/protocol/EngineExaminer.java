// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import dev.weir.trials.protocol.EngineCase.Outcome;
import dev.weir.trials.protocol.RawClient.Reply;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Runs the cases of misbehaving engines. A canary follows each request directly, so that a surplus
/// answer would go to the canary.
final class EngineExaminer {
  private static final long LATER_NANOS = 300_000_000;

  private final CaseRunner examiner;

  EngineExaminer(CaseRunner examiner) {
    this.examiner = examiner;
  }

  static Map<String, HostileEngine.Attack> attacks(List<EngineCase> cases) {
    Map<String, HostileEngine.Attack> attacks = new LinkedHashMap<>();
    for (int i = 0; i < cases.size(); i++) {
      attacks.put("a" + i, cases.get(i).attack());
    }
    return attacks;
  }

  /// @param number of the case in its list
  Optional<String> play(EngineCase one, int number) {
    String nonce = examiner.nonce();
    String asked =
        examiner.asking().good(nonce, Asking.ATTACK + ": a" + number + "\r\n", one.body());
    try (RawClient client = examiner.open()) {
      String behind = examiner.nonce();
      client.send(asked + (one.alone() ? "" : examiner.asking().canary(behind)));
      Reply reply = client.next();
      Outcome outcome = one.outcome(reply, nonce);
      if (!one.right().contains(outcome)) {
        return Optional.of(
            outcome + ": " + reply.status() + " " + CaseRunner.shortened(reply.body()));
      }
      if (one.alone()) {
        LockSupport.parkNanos(LATER_NANOS);
        client.send(examiner.asking().canary(behind));
      }
      Optional<String> wrong =
          reply.closes() ? examiner.closed(client) : own(client, behind, outcome);
      return wrong.isPresent() ? wrong : examiner.aftermath();
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  private Optional<String> own(RawClient client, String nonce, Outcome before) throws IOException {
    Reply reply = client.next();
    if (reply.status() == 0 && before == Outcome.BROKEN) {
      return Optional.empty();
    }
    return reply.status() == 200 && reply.body().equals(Answers.whole(nonce))
        ? examiner.canary(client)
        : Optional.of(
            "behind it came " + reply.status() + " " + CaseRunner.shortened(reply.body()));
  }
}
