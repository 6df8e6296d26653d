// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.question;

import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.Question;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks all gateways and collects what they say, for a short time and within limits.
public final class GatewayQuestions {
  /// Nobody waits longer for an answer.
  public static final Duration MOST_PATIENCE = Duration.ofSeconds(2);

  static final int MOST_OPEN = 16;

  private static final Logger LOG = LoggerFactory.getLogger(GatewayQuestions.class);

  private final Supplier<? extends Collection<String>> connected;
  private final RandomGenerator random;
  private final Semaphore free = new Semaphore(MOST_OPEN);
  private final Map<String, PendingQuestion> open = new ConcurrentHashMap<>();
  private final Set<Consumer<Question>> links = ConcurrentHashMap.newKeySet();

  /// @param connected ids of the gateways that should answer
  /// @param random thread-safe; makes ids that a late answer to another life does not meet
  public GatewayQuestions(
      Supplier<? extends Collection<String>> connected, RandomGenerator random) {
    this.connected = connected;
    this.random = random;
  }

  /// Asks everybody who is connected and waits until all have answered, or for `patience`.
  ///
  /// @param kind and subject as [Question] allows them
  /// @param patience at most [#MOST_PATIENCE] is waited
  /// @throws IllegalArgumentException when that is no question
  /// @throws RejectedExecutionException when too many questions are open already
  public GatewayReplies ask(String kind, String subject, Duration patience)
      throws InterruptedException {
    Question question = new Question("%016x".formatted(random.nextLong()), kind, subject);
    if (!free.tryAcquire()) {
      throw new RejectedExecutionException(
          MOST_OPEN + " questions to gateways are open already; try again in a moment");
    }
    try {
      var asked = new PendingQuestion(connected.get());
      open.put(question.id(), asked);
      links.forEach(link -> send(link, question));
      return asked.await(patience.compareTo(MOST_PATIENCE) < 0 ? patience : MOST_PATIENCE);
    } finally {
      open.remove(question.id());
      free.release();
    }
  }

  /// Takes an answer; one that nobody waits for is dropped.
  public void answered(GatewayAnswer answer) {
    PendingQuestion asked = open.get(answer.question());
    if (asked != null) {
      asked.answered(answer);
    }
  }

  /// Questions go to this link from now on.
  ///
  /// @param link quick, may be called from several threads
  public void join(Consumer<Question> link) {
    links.add(link);
  }

  public void leave(Consumer<Question> link) {
    links.remove(link);
  }

  private static void send(Consumer<Question> link, Question question) {
    try {
      link.accept(question);
    } catch (RuntimeException e) {
      LOG.warn("question not delivered kind={} message={}", question.kind(), e.toString());
    }
  }
}
